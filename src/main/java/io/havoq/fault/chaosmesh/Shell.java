package io.havoq.fault.chaosmesh;

/** Runs small shell scripts in containers, within a bound. */
interface Shell {
    /**
     * What came of it.
     *
     * @param ran whether the script ran to its end
     * @param text everything that it wrote; why not, if it did not run
     */
    record Output(boolean ran, String text) {}

    /** Never throws: that a script cannot run is an answer too. */
    Output run(PodView pod, String container, String script);

    /** The text as one word of a script. */
    static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
