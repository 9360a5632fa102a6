package io.havoq.fault.local.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@link FileCalls} as native programs, built by the compilers that are there. */
final class NativeCalls {
    /** Statically linked; it starts threads and processes that come and go all the time. */
    private static final String GO = """
            package main

            import (
            	"bufio"
            	"errors"
            	"fmt"
            	"os"
            	"os/exec"
            	"runtime"
            	"time"
            )

            func churn() {
            	for {
            		done := make(chan bool)
            		go func() {
            			// the thread ends with its goroutine
            			runtime.LockOSThread()
            			done <- true
            		}()
            		<-done
            	}
            }

            func fork() {
            	for {
            		if err := exec.Command("true").Run(); err != nil {
            			panic(err)
            		}
            	}
            }

            func main() {
            	file, err := os.OpenFile(os.Args[1], os.O_CREATE|os.O_RDWR, 0o644)
            	if err != nil {
            		panic(err)
            	}
            	go churn()
            	go fork()
            	fmt.Println("ready")
            	lines := bufio.NewScanner(os.Stdin)
            	for lines.Scan() {
            		begin := time.Now()
            		if lines.Text() == "write" {
            			_, err = file.WriteAt(make([]byte, 8), 0)
            		} else {
            			err = file.Sync()
            		}
            		result := "ok"
            		if err != nil {
            			result = errors.Unwrap(err).Error()
            		}
            		fmt.Println(time.Since(begin).Milliseconds(), result)
            	}
            }
            """;

    /**
     * With the C library. Its second argument: {@code threads} that come and go, and processes; {@code vfork} to have the first thread wait for
     * a child, which nothing but a kill ends; {@code exit} to have the first thread end.
     */
    private static final String C = """
            #define _GNU_SOURCE
            #include <errno.h>
            #include <fcntl.h>
            #include <pthread.h>
            #include <signal.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/prctl.h>
            #include <sys/syscall.h>
            #include <sys/wait.h>
            #include <time.h>
            #include <unistd.h>

            static int file;

            static long long now(void) {
                struct timespec time;
                clock_gettime(CLOCK_MONOTONIC, &time);
                return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
            }

            static void *serve(void *unused) {
                char line[64];
                puts("ready");
                fflush(stdout);
                while (fgets(line, sizeof line, stdin)) {
                    long long begin = now();
                    long result = strncmp(line, "write", 5) ? fsync(file) : pwrite(file, "12345678", 8, 0);
                    const char *text = result < 0 ? strerror(errno) : "ok";
                    printf("%lld %s\\n", now() - begin, text);
                    fflush(stdout);
                }
                exit(0);
            }

            static void *nothing(void *unused) { return NULL; }

            static void *churn(void *unused) {
                pthread_t thread;
                for (;;) {
                    if (pthread_create(&thread, NULL, nothing, NULL) || pthread_join(thread, NULL)) abort();
                }
            }

            static void *forks(void *unused) {
                for (;;) {
                    pid_t child = fork();
                    if (child < 0) abort();
                    if (child == 0) _exit(0);
                    waitpid(child, NULL, 0);
                }
            }

            int main(int count, char **words) {
                pthread_t thread;
                file = open(words[1], O_CREAT | O_RDWR, 0644);
                if (file < 0) abort();
                if (!strcmp(words[2], "threads")) {
                    pthread_create(&thread, NULL, churn, NULL);
                    pthread_create(&thread, NULL, forks, NULL);
                    serve(NULL);
                }
                pthread_create(&thread, NULL, serve, NULL);
                if (!strcmp(words[2], "exit")) pthread_exit(NULL);
                if (vfork() == 0) {
                    syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
                    for (;;) syscall(SYS_pause);
                }
            }
            """;

    /** With the C library, where there is no compiler. A process of it starts others all the time. */
    private static final String PERL = """
            use IO::Handle; use Time::HiRes 'time';
            $| = 1;
            open(my $file, '+>', $ARGV[0]) or die;
            my $parent = $$;
            if (!fork) { while (getppid == $parent) { my $child = fork // die; exit if !$child; waitpid $child, 0 } exit }
            print "ready\\n";
            while (my $line = <STDIN>) {
                my $begin = time;
                my $done = $line eq "write\\n" ? syswrite($file, "12345678") : $file->sync;
                my $text = $done ? 'ok' : "$!";
                printf "%d %s\\n", (time - $begin) * 1000, $text;
            }
            """;

    private NativeCalls() {}

    static List<String> go(Path directory, Path file) throws IOException {
        var binary = built(directory.resolve("calls-go"), GO, ".go", List.of("go", "build", "-o"));
        return List.of(binary.toString(), file.toString());
    }

    static List<String> c(Path directory, Path file, String kind) throws IOException {
        var binary = built(directory.resolve("calls-c"), C, ".c", List.of("cc", "-pthread", "-w", "-o"));
        return List.of(binary.toString(), file.toString(), kind);
    }

    static List<String> perl(Path file) {
        return List.of("perl", "-e", PERL, file.toString());
    }

    private static Path built(Path binary, String text, String suffix, List<String> compiler) throws IOException {
        if (!Files.exists(binary)) {
            var words = new ArrayList<>(compiler);
            words.add(binary.toString());
            words.add(Files.writeString(binary.resolveSibling(binary.getFileName() + suffix), text)
                    .toString());
            var builder = new ProcessBuilder(words).inheritIO();
            builder.environment().put("CGO_ENABLED", "0");
            try {
                assertThat(builder.start().onExit().join().exitValue()).isZero();
            } catch (IOException e) {
                assumeTrue(false, "no compiler here: " + e.getMessage());
            }
        }
        return binary;
    }
}
