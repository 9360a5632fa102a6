/** Results: summary files, the console, Allure. */
@NullMarked
package io.havoq.report;

import org.jspecify.annotations.NullMarked;
