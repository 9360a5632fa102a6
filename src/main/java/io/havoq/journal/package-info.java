/** What must be undone, written to disk before it is done. */
@NullMarked
package io.havoq.journal;

import org.jspecify.annotations.NullMarked;
