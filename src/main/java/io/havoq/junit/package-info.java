/** The JUnit extension: thin, it only translates JUnit's callbacks into the life of an experiment. */
@NullMarked
package io.havoq.junit;

import org.jspecify.annotations.NullMarked;
