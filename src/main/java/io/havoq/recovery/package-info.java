/** Outages, recovery times and the recovery checklist. */
@NullMarked
package io.havoq.recovery;

import org.jspecify.annotations.NullMarked;
