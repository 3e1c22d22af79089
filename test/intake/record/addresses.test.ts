import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defang } from '../../../lambdas/domain/core/text/defang.ts'
import { addressOf } from '../../../lambdas/intake/record/addresses.ts'

describe('addressOf', () => {
  test.each([
    ['example.org', 'domain', 'example.org'],
    ['www[.]iol.co.za', 'domain', 'www.iol.co.za'],
    ['*.example.org', 'domain', '*.example.org'],
    ['hxxps[:]//Example[.]org/Path?q=1', 'url', 'https://Example.org/Path?q=1'],
    ['[https]://example[.]org', 'url', 'https://example.org'],
    ['x[.]com/some_one', 'url', 'x.com/some_one'],
    ['192[.]0[.]2[.]7', 'ip', '192.0.2.7'],
    ['192.0.2.0/24', 'ip', '192.0.2.0/24'],
    ['2001:db8::1', 'ip', '2001:db8::1'],
    ['a[@]example[.]org', 'email', 'a@example.org'],
    ['43535540e94b39279af925e9548dce7f', 'hash', '43535540e94b39279af925e9548dce7f'],
    [' EXAMPLE[.]org ', 'domain', 'example.org'],
  ])('%s is a %s, %s', (text, type, value) => {
    expect(addressOf(text)).toEqual({ type, value })
  })

  test.each(['', 'word', 'two words.org', '@handle', '#tag', 'a\u0000.org', 'https://', `${'a'.repeat(4096)}.org`])(
    '%j is no address',
    (text) => {
      expect(addressOf(text)).toBeUndefined()
    },
  )

  test('an address is the same defanged and live', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.domain(), fc.emailAddress(), fc.ipV4()), (address) => {
        fc.pre(!/\[|\(\.\)/.test(address))
        expect(addressOf(defang(address))).toEqual(addressOf(address))
      }),
    )
  })
})
