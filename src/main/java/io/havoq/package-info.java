/** What a test author touches: annotations, the experiment, the cluster and the verdict. */
@NullMarked
package io.havoq;

import org.jspecify.annotations.NullMarked;
