/** Runs experiments without a build tool, as the runner pod in a cluster does. */
@NullMarked
package io.havoq.runner;

import org.jspecify.annotations.NullMarked;
