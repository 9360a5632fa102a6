/** The exact message ledger: what was sent, acknowledged and delivered, and the judgement. */
@NullMarked
package io.havoq.ledger;

import org.jspecify.annotations.NullMarked;
