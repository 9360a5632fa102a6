/** The settings havoq.*, their defaults and their documentation. */
@NullMarked
package io.havoq.settings;

import org.jspecify.annotations.NullMarked;
