/** Chaos Mesh objects: made, awaited, explained and removed. */
@NullMarked
package io.havoq.fault.chaosmesh;

import org.jspecify.annotations.NullMarked;
