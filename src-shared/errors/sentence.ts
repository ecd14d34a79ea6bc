// Words from elsewhere (a library, an exchange) put before words of ours: they must end as a sentence does.

/** The text with a full stop, unless it ends as a sentence already; empty stays empty. */
export const sentence = (text: string): string => (text === '' || /[.!?…]$/.test(text.trimEnd()) ? text.trimEnd() : `${text.trimEnd()}.`);
