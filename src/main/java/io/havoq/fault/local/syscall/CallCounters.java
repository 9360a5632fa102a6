package io.havoq.fault.local.syscall;

/**
 * What a rule did to one kind of system call.
 *
 * @param hit those on files that are meant
 * @param delayed of these, those that were held
 * @param failed of these, those that were answered with an error
 */
record CallCounters(long hit, long delayed, long failed) {
    static final CallCounters NONE = new CallCounters(0, 0, 0);

    CallCounters plus(boolean late, boolean wrong) {
        return new CallCounters(hit + 1, delayed + (late ? 1 : 0), failed + (wrong ? 1 : 0));
    }

    long affected() {
        return delayed + failed;
    }

    @Override
    public String toString() {
        return hit + " hit" + (delayed == 0 ? "" : ", " + delayed + " delayed")
                + (failed == 0 ? "" : ", " + failed + " failed");
    }
}
