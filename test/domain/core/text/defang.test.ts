import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defang, defangText } from '../../../../lambdas/domain/core/text/defang.ts'

describe('defanging', () => {
  test.each([
    ['https://example.org/a.b?c=d.e', '[https]://example[.]org/a.b?c=d.e'],
    ['sub.example.org/page', 'sub[.]example[.]org/page'],
    ['hxxps://example[.]org', '[https]://example[.]org'],
    ['[http]://example[.]org', '[http]://example[.]org'],
    ['198.51.100.7', '198[.]51[.]100[.]7'],
    ['someone@example.org', 'someone[@]example[.]org'],
    [
      'https://archive.example/save/https://evil.example/x',
      '[https]://archive[.]example/save/https[://]evil.example/x',
    ],
    ['@account', '@account'],
  ])('%s becomes %s', (address, expected) => {
    expect(defang(address)).toBe(expected)
  })

  test('defanging twice changes nothing more', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
        const once = defang(url)
        expect(defang(once)).toBe(once)
        expect(once).not.toMatch(/https?:\/\//)
      }),
    )
  })

  test('finds addresses inside a text, and keeps its words', () => {
    expect(defangText('Voir « https://evil.example/x » et www.evil.example, puis rien.')).toBe(
      'Voir « [https]://evil[.]example/x » et www[.]evil[.]example, puis rien.',
    )
    fc.assert(
      fc.property(fc.webUrl(), fc.string(), (url, text) => {
        expect(defangText(`${text} ${url}`)).not.toContain(url)
      }),
    )
  })
})
