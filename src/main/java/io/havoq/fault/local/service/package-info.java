/** What the sandbox can be asked for beside starting and ending nodes. */
@NullMarked
package io.havoq.fault.local.service;

import org.jspecify.annotations.NullMarked;
