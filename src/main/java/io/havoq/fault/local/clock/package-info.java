/** The clocks of nodes, shifted in the code that the kernel maps into every process for reading them: the vdso (vdso(7)). */
@NullMarked
package io.havoq.fault.local.clock;

import org.jspecify.annotations.NullMarked;
