/** Defanging (draft-grimminck-safe-ioc-sharing): addresses that can be read and not clicked. */

/**
 * An address so written that no program makes a link of it: `[https]://example[.]org/page`, `a[@]example[.]org`.
 * What is already defanged, also in the `hxxp` manner, comes out in this one spelling.
 */
export const defang = (address: string): string => {
  const plain = refang(address)
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(plain)
  const rest = scheme ? plain.slice(scheme[0].length) : plain
  const [, authority = '', path = ''] = /^([^/?#]*)(.*)$/s.exec(rest) ?? []
  const shown = scheme || looksLikeHost(authority) ? authority.replaceAll('.', '[.]').replaceAll('@', '[@]') : authority
  // A path may carry a whole address again, as archives' and redirectors' do.
  return `${scheme ? `[${scheme[1]}]://` : ''}${shown}${path.replaceAll('://', '[://]')}`
}

/** Every address inside a running text defanged; the words around it stay. */
export const defangText = (text: string): string => {
  // Nearly all texts hold none, and a report looks at millions.
  if (!text.includes('.') && !text.includes('://')) return text
  return text
    .replace(/\bh(?:tt|xx)ps?:\/\/[^\s<>"'«»]+/gi, defang)
    .replace(/\bwww\.[^\s<>"'«»]+/gi, (host) => host.replaceAll('.', '[.]'))
}

/** The address that a defanged one stands for: for machines alone. */
export const refang = (address: string): string =>
  address
    .trim()
    .replace(/^hxxp/i, 'http')
    .replace(/^\[([a-z][a-z0-9+.-]*)\]:\/\//i, '$1://')
    .replace(/\[(\.|:\/\/|@|:)\]/g, '$1')
    .replace(/\((\.)\)/g, '$1')

const looksLikeHost = (text: string): boolean => /^[^\s@]*@?[^\s@.]+(\.[^\s@.]+)+$/.test(text) || /^[\d.:]+$/.test(text)
