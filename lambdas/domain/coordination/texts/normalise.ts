const addresses = /https?:\/\/(?:www\.)?[a-z0-9][a-z0-9-]*\.\S{2,}|www\.[a-z0-9][a-z0-9-]*\.\S{2,}/g

/** Circled and bracketed numbers, which D3lta takes for emoji. */
const circled = /[\u2460-\u24ff\u3200-\u325f]/g

/** Characters. */
const longestCompared = 2_000

/** Follows D3lta's `text_grapheme` (VIGINUM's D3lta, `preprocess_text`). */
export const normalised = (text: string): string => {
  const lower = text.toLowerCase()
  // oxlint-disable-next-line no-control-regex -- ASCII has no accents to look for.
  const bare = /^[\x00-\x7f]*$/.test(lower)
    ? lower
    : lower
        .normalize('NFD')
        .replace(/\p{Mn}/gu, '')
        .normalize('NFC')
  const stripped = bare
    .replace(addresses, '')
    .trim()
    .replace(/@[a-z0-9_]+/g, '')
    .trim()
  return withoutOuterHashtags(stripped)
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(circled, '')
    .slice(0, longestCompared)
}

/** Hashtags within the text are words of it. */
const withoutOuterHashtags = (text: string): string => {
  let [from, to] = [0, text.length]
  const leading = /#\S+ ?/y
  for (leading.lastIndex = 0; leading.test(text);) from = leading.lastIndex
  for (;;) {
    let start = to
    while (start > from && !isSpace(text, start - 1)) start -= 1
    const hash = text.indexOf('#', start)
    if (start === to || hash < 0 || hash >= to) break
    // `word#` goes whole; `word#tag` loses only its tag.
    to = hash === to - 1 ? start : hash
    if (to > start) break
    if (to > from && text[to - 1] === ' ') to -= 1
  }
  return text.slice(from, Math.max(from, to))
}

const isSpace = (text: string, at: number): boolean => /\s/.test(text.charAt(at))
