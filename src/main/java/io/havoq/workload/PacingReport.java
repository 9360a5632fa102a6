package io.havoq.workload;

import java.time.Duration;

/**
 * How well the load kept its pace; lags during bursts are left out.
 *
 * @param intended messages whose time has come
 * @param withheld of these, not sent: no connected publisher had room, or the generator itself stood still
 * @param lagP99 by how much the pacer was late with 1 % of the messages, or more
 * @param lagMax by how much at the most
 */
public record PacingReport(long intended, long sent, long withheld, Duration lagP99, Duration lagMax) {}
