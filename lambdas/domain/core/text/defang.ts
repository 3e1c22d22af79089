/** Defanging (draft-grimminck-safe-ioc-sharing): addresses readable but not clickable. */

/**
 * Returns `[https]://example[.]org/page` or `a[@]example[.]org`. Normalises defanged input, also in the `hxxp` style.
 */
export const defang = (address: string): string => {
  const plain = refang(address)
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(plain)
  const rest = scheme ? plain.slice(scheme[0].length) : plain
  const [, authority = '', path = ''] = /^([^/?#]*)(.*)$/s.exec(rest) ?? []
  const shown = scheme || looksLikeHost(authority) ? authority.replaceAll('.', '[.]').replaceAll('@', '[@]') : authority
  // Archive paths may contain a whole address.
  return `${scheme ? `[${scheme[1]}]://` : ''}${shown}${path.replaceAll('://', '[://]')}`
}

export const defangText = (text: string): string => {
  // A report has millions of texts, mostly without addresses.
  if (!text.includes('.') && !text.includes('://')) return text
  return text
    .replace(/\bh(?:tt|xx)ps?:\/\/[^\s<>"'«»]+/gi, defang)
    .replace(/\bwww\.[^\s<>"'«»]+/gi, (host) => host.replaceAll('.', '[.]'))
}

/** For machine use only. */
export const refang = (address: string): string =>
  address
    .trim()
    .replace(/^hxxp/i, 'http')
    .replace(/^\[([a-z][a-z0-9+.-]*)\]:\/\//i, '$1://')
    .replace(/\[(\.|:\/\/|@|:)\]/g, '$1')
    .replace(/\((\.)\)/g, '$1')

const looksLikeHost = (text: string): boolean => /^[^\s@]*@?[^\s@.]+(\.[^\s@.]+)+$/.test(text) || /^[\d.:]+$/.test(text)
