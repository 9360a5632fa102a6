/** Chaos Mesh manifests: reading, validation, and the selection of targets. */
@NullMarked
package io.havoq.manifest;

import org.jspecify.annotations.NullMarked;
