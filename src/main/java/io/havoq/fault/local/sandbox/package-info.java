/** The process that the nodes run in: what isolates them, starts them, and ends with the test JVM whatever happens. */
@NullMarked
package io.havoq.fault.local.sandbox;

import org.jspecify.annotations.NullMarked;
