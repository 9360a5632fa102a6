/** IO faults on the local engine: system calls of a node's processes that are delayed, or fail. */
@NullMarked
package io.havoq.fault.local.syscall;

import org.jspecify.annotations.NullMarked;
