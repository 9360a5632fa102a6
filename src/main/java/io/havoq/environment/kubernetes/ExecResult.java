package io.havoq.environment.kubernetes;

/** How a command in a container ended, and what it said. */
public record ExecResult(int exitCode, String output, String errors) {}
