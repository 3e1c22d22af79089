/** The PDF reader on hand-made files: pages, names, strings, glyphs, dates. */
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  MissingGlyphError,
  missingCharacters,
  nameBookmarksOnce,
  normalisePdf,
  pagesWithMissingGlyphs,
  pdfDestinations,
  pdfLang,
  pdfPageCount,
  pdfTitle,
  requireGlyphs,
} from '../../lambdas/render/pdf.ts'

/** A PDF of the given objects, numbered from 1; object 1 is the catalog and 2 the information. */
function makePdf(objects: readonly string[]): Buffer {
  let text = '%PDF-1.4\n'
  const offsets = objects.map((object, i) => {
    const offset = text.length
    text += `${i + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const start = text.length
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}trailer\n<</Size ${objects.length + 1}\n/Root 1 0 R\n/Info 2 0 R>>\nstartxref\n${start}\n%%EOF\n`
  return Buffer.from(text, 'latin1')
}

function stream(content: string, more = ''): string {
  const packed = deflateSync(Buffer.from(content, 'latin1')).toString('latin1')
  return `<<${more}/Filter /FlateDecode /Length ${packed.length}>> stream\n${packed}\nendstream`
}

const INFO =
  "<</Title (Un \\(titre\\) stream endobj)\n/CreationDate (D:20261125010203+00'00')\n/ModDate (D:20261125010203+00'00')>>"
const FONTS = '/Resources <</Font <</F7 7 0 R /F8 8 0 R>> /XObject <</X6 6 0 R>>>>'

/** As most pages have it: two bytes a glyph. */
const WIDE_FONT = '/Resources <</Font <</F7 7 0 R>>>>'

/** Two pages; `form` is drawn on the second. */
function twoPages(first: string, second: string, form = '', fonts = FONTS): Buffer {
  return makePdf([
    '<</Type /Catalog /Pages 3 0 R /Lang (fr) /Dests <</#c3#a9t#c3#a9 [5 0 R /XYZ 0 0 0] /debut 9 0 R>>>>',
    INFO,
    '<</Type /Pages /Count 2 /Kids [10 0 R]>>',
    `<</Type /Page /Contents 11 0 R ${fonts}>>`,
    `<</Type /Page /Contents [12 0 R] ${fonts}>>`,
    stream(form, '/Type /XObject /Subtype /Form /Resources <</Font <</F8 8 0 R>>>> '),
    '<</Type /Font /Subtype /Type0>>',
    '<</Type /Font /Subtype /Type3>>',
    '[4 0 R /XYZ 0 0 0]',
    '<</Type /Pages /Kids [4 0 R 5 0 R]>>',
    stream(first),
    stream(second),
  ])
}

const SOUND = '/F7 12 Tf <0001> Tj <00200100> Tj [<0010> -5 <1000>] TJ /F8 9 Tf <0130> Tj'

test('counts pages through nested trees, and finds destinations', () => {
  const pdf = twoPages(SOUND, SOUND)
  expect(pdfPageCount(pdf)).toBe(2)
  expect(pdfDestinations(pdf)).toEqual(
    new Map([
      ['été', 2],
      ['debut', 1],
    ]),
  )
})

test('reads language and title, with escapes and in UTF-16', () => {
  const pdf = twoPages('', '')
  expect(pdfLang(pdf)).toBe('fr')
  expect(pdfTitle(pdf)).toBe('Un (titre) stream endobj')
  const utf16 = makePdf(['<</Pages 3 0 R>>', '<</Title <FEFF00C900E90020D83DDE00>>>', '<</Kids []>>'])
  expect(pdfTitle(utf16)).toBe('Éé 😀')
  expect(pdfLang(utf16)).toBeUndefined()
})

test.each([
  ['a two-byte glyph', twoPages('/F7 12 Tf <00010000> Tj', SOUND), [1]],
  ['an array', twoPages(SOUND, '/F7 12 Tf [<0001> 3 <0000>] TJ'), [2]],
  ['a one-byte glyph', twoPages('/F8 12 Tf <3000> Tj', SOUND), [1]],
  ['a form', twoPages('', '', '/F8 12 Tf <00> Tj'), [1, 2]],
  ['nothing behind a tag', twoPages(SOUND, '/F7 9 Tf <0001> Tj /P <</MCID 0 >>BDC /F8 9 Tf <10> Tj <20> Tj EMC'), []],
  ['nothing', twoPages(SOUND, SOUND, '/F8 12 Tf <01> Tj'), []],
])('finds glyph 0 in %s', (_, pdf, pages) => {
  expect(pagesWithMissingGlyphs(pdf)).toEqual(pages)
})

test('finds glyph 0, and no other, in a wide font', () => {
  const hex = (glyph: number): string => glyph.toString(16).toUpperCase().padStart(4, '0')
  // Similar glyphs, whose digits give four zeros in a row.
  const glyph = fc.oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 30, arbitrary: fc.constantFrom(0x10, 0x100, 0x1000, 0x1, 0xf000, 0x123) },
  )
  const shown = fc
    .array(glyph, { maxLength: 8 })
    .chain((glyphs) => fc.constantFrom('', ' ').map((blank) => ({ glyphs, text: `<${glyphs.map(hex).join(blank)}>` })))
  fc.assert(
    fc.property(fc.array(shown, { maxLength: 6 }), fc.boolean(), (texts, inArray) => {
      const drawn = inArray
        ? `[${texts.map(({ text }) => text).join(' -3 ')}] TJ`
        : texts.map(({ text }) => `${text} Tj`).join(' ')
      const pdf = twoPages(`/P <</MCID 0 >>BDC /F7 12 Tf ${drawn} EMC`, '', '', WIDE_FONT)
      expect(pagesWithMissingGlyphs(pdf)).toEqual(texts.some(({ glyphs }) => glyphs.includes(0)) ? [1] : [])
    }),
    { numRuns: 500 },
  )
})

test('names missing characters with their places', () => {
  const html = '<title>፪</title><p>Un mot ፩ ici</p><p>et ፩ là</p><p>መ</p><style>p::after{content:"ᎀ"}</style>'
  const pdf = twoPages(SOUND, '/F7 12 Tf <0000> Tj')
  const attempt = () => requireGlyphs(pdf, html)
  expect(attempt).toThrow(MissingGlyphError)
  expect(attempt).toThrow('page 2: U+1369 ፩ ("Un mot ፩ ici", "et ፩ là"); U+1218 መ ("መ")')
  expect(() => requireGlyphs(twoPages(SOUND, SOUND), html)).not.toThrow()
})

test('joins, marks and selectors need no glyph, and CSS is read only if the text is whole', () => {
  expect(missingCharacters('<p>a\u200d\u2060\ufe0f\u00ad\ufeff\t\u3000b</p>')).toEqual([])
  expect(missingCharacters('<style>p::after{content:"ᎀ"}</style><p>a</p>')).toMatchObject([{ codePoint: 0x1380 }])
})

/** Two headers and a cell of both, as Chromium writes them, with the numbers that it gave to the headers' nodes. */
const tagged = (one: string, other: string): Buffer => {
  const entries = [`(${one}) 4 0 R`, `(${other}) 10 0 R`].sort()
  return makePdf([
    '<</Pages 3 0 R>>',
    INFO,
    '<</Kids []>>',
    `<</S /TH /ID (${one})>>`,
    `<</S /TD /Headers [(${one}) (${other})]>>`,
    `<</Limits [(${[one, other].sort().join(') (')})]\n/Names [${entries.join(' ')}]>>`,
    ...['<<>>', '<<>>', '<<>>'],
    `<</S /TH /ID (${other})>>`,
  ])
}

test('normalises dates and node ids, with the same lengths', () => {
  const pdf = tagged('node00000042', 'node00000417')
  const normal = normalisePdf(pdf, new Date('2024-05-19T19:30:05.123Z'))
  const text = Buffer.from(normal).toString('latin1')
  expect(normal).toHaveLength(pdf.length)
  expect(text).toContain("/CreationDate (D:20240519193005+00'00')\n/ModDate (D:20240519193005+00'00')")
  expect(text).toContain('/Headers [(node00000001) (node00000002)]')
  expect(text).toContain('/Limits [(node00000001) (node00000002)]\n/Names [(node00000001) 4 0 R (node00000002) 10 0 R]')
  expect(normalisePdf(normal, new Date('2024-05-19T19:30:05Z'))).toEqual(normal)
})

test('gives the same bytes in whatever order Chromium numbered the nodes', () => {
  const at = new Date(0)
  const normal = normalisePdf(tagged('node00000042', 'node00000417'), at)
  expect(normalisePdf(tagged('node00000417', 'node00000042'), at)).toEqual(normal)
})

test('refuses bytes that are no PDF of Chromium', () => {
  expect(() => pdfPageCount(Buffer.from('bonjour'))).toThrow('has no plain table of its objects')
  expect(() => normalisePdf(Buffer.from('bonjour'), new Date(0))).toThrow('0 dates')
})

test('removes the repetition in a bookmark, unless the page has it', () => {
  const wide = (title: string) => `<FEFF${Buffer.from(title, 'utf16le').swap16().toString('hex').toUpperCase()}>`
  const titles = ['(MethodMethod)', wide('MéthodeMéthode'), '(CanCan)', '(Three times)', wide('ꄑꄑꄑ'), '()']
  const pdf = makePdf(['<</Type /Catalog>>', INFO, ...titles.map((title) => `<</Title ${title}\n/Parent 3 0 R>>`)])
  const named = nameBookmarksOnce(pdf, ['Method', 'Méthode', 'CanCan', 'Three times'])
  expect(named.length).toBe(pdf.length)
  expect(named.toString('latin1').match(/(?<=\/Title )(?:<[^>]*>|\([^)]*\))(?=\s*\n\/Parent)/g)).toEqual([
    '(Method)',
    wide('Méthode'),
    '(CanCan)',
    '(Three times)',
    wide('ꄑꄑꄑ'),
    '()',
  ])
})
