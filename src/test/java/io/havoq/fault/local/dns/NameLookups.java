package io.havoq.fault.local.dns;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/** A program that looks up each name that it reads, as a JVM broker does, and prints the address or the error. */
public final class NameLookups {
    private NameLookups() {}

    public static void main(String[] arguments) throws IOException {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var name = in.readLine(); name != null; name = in.readLine()) {
            try {
                System.out.println(InetAddress.getByName(name).getHostAddress());
            } catch (UnknownHostException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
