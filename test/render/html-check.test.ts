/** Allowed and refused content, shown text and pictures of a page. */
import { describe, expect, test } from 'vitest'
import { lineOf } from '../../lambdas/domain/core/fault-text.ts'
import { sha256 } from '../../lambdas/domain/core/text/canonical.ts'
import {
  ActiveContentError,
  pictureFaults,
  readPage,
  refuseActiveContent,
  shownText,
} from '../../lambdas/render/html-check.ts'
import { growthOf, linear } from '../support/growth.ts'

const page = (body: string) => `<!doctype html><html lang="fr"><head><title>x</title></head><body>${body}</body></html>`

const refused = [
  '<script>alert(1)</script>',
  '<ScRiPt src=x></sCrIpT>',
  '<svg><script>1</script></svg>',
  '<meta http-equiv="Refresh" content="0;url=https://e.org">',
  '<iframe src="https://e.org"></iframe>',
  '<base href="https://e.org">',
  '<link rel="stylesheet" href="https://e.org">',
  '<video poster="https://e.org"></video>',
  '<svg><animate attributeName="href" to="https://e.org"/></svg>',
  '<template><script>1</script></template>',
  '<noscript><img src="https://e.org"></noscript>',
  '<p onclick="x">a</p>',
  '<svg onload=x></svg>',
  '<img src="https://e.org/a.png">',
  '<img src="//e.org/a.png">',
  '<img srcset="https://e.org/a.png 2x">',
  '<img src="data:text/html,<script>1</script>">',
  '<svg><image href="https://e.org"/></svg>',
  '<svg><image xlink:href="https://e.org"/></svg>',
  '<svg><use href="https://e.org#a"/></svg>',
  '<svg><rect fill="url(https://e.org#a)"/></svg>',
  '<table background="https://e.org"></table>',
  '<form action="https://e.org"></form>',
  '<a ping="https://e.org" href="https://e.org">a</a>',
  '<a href=" java\tscript:alert(1)">a</a>',
  '<a href="data:text/html,x">a</a>',
  '<a href="report.fr.html">a</a>',
  '<a href="../../../../NC/2024-W20/amber/v0001/../../x/report.fr.html">a</a>',
  '<a href="../../../../../NC/2024-W20/amber/v0001/report.fr.html">a</a>',
  '<img src="../../../../NC/2024-W20/amber/v0001/report.fr.html">',
  '<style>@import "https://e.org"</style>',
  '<style>@\\69mport "https://e.org"</style>',
  '<style>p{background:url(https://e.org)}</style>',
  '<style>p{background:URL( "https://e.org" )}</style>',
  '<style>p{background:u\\72l(https://e.org)}</style>',
  '<style>p{content:"/*";background:url(https://e.org);content:"*/"}</style>',
  '<style>p{background:image-set("https://e.org" 1x)}</style>',
  '<svg><style>p{background:url(https://e.org)}</style></svg>',
  '<p style="background:url(https://e.org)">a</p>',
]

test.each(refused)('refuses %s', (body) => {
  expect(() => refuseActiveContent(page(body))).toThrow(ActiveContentError)
})

const allowed = [
  '<a href="https://e.org/?a=1&amp;b=2">lien</a> <a href="#x">x</a> <a href="mailto:a@e.org">m</a>',
  '<a href="../../../../campaign-4379075e7f51/2024-W20/amber-strict/v0001/report.fr.html">lien</a>',
  '&lt;script&gt;alert(1)&lt;/script&gt; onclick=x url(https://e.org)',
  '<img alt="url(https://e.org)" title="@import" src="data:image/png;base64,AAAA">',
  '<svg viewBox="0 0 1 1"><defs><pattern id="a"></pattern></defs><rect fill="url(#a)"/><use href="#b"/></svg>',
  '<style>@font-face{font-family:x;src:url(data:font/woff2;base64,AAAA)}p{clip-path:url(#c)}</style>',
  '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'"><meta name="viewport" content="x">',
]

test.each(allowed)('allows %s', (body) => {
  expect(() => refuseActiveContent(page(body))).not.toThrow()
})

test('the error names at most five findings and counts the rest', () => {
  const attempt = () => refuseActiveContent(page('<img src="https://e.org/1">'.repeat(7)))
  expect(attempt).toThrow(/<img src> with "https:\/\/e.org\/1".*and 2 more/)
})

test('shown text has neither title nor style nor script', () => {
  const texts = shownText(
    page('<style>a</style><p>un<b>deux</b></p><template>non</template><svg><text>trois</text></svg>'),
  )
  expect(texts.map((text) => text.trim()).filter(Boolean)).toEqual(['un', 'deux', 'trois'])
})

describe('the pictures of a page', () => {
  const bytes = Buffer.from('a picture')
  const expected = [{ sha256: sha256(bytes), alt: 'Une maison' }]
  const image = (src: string, alt = 'Une maison') => page(`<img src="${src}" alt="${alt}">`)
  const own = `data:image/png;base64,${bytes.toString('base64')}`
  const faultsOf = (html: string, wanted: typeof expected, logo?: string) =>
    pictureFaults(readPage(html).pictures, wanted, logo).map(lineOf)

  test('are embedded, with their text', () => {
    expect(faultsOf(image(own), expected)).toEqual([])
    expect(faultsOf(page(''), [])).toEqual([])
    expect(faultsOf(image('data:image/svg+xml,x', ''), [], 'data:image/svg+xml,x')).toEqual([])
  })

  test.each([
    ['that is missing', page(''), /is missing/],
    ['without its text', image(own, ''), /no text for who does not see it/],
    ['with another text', image(own, 'Une rue'), /no text/],
    ['that is shown twice', page(`<img src="${own}" alt="Une maison">`.repeat(2)), /none that the report names/],
    ['with other bytes', image(own.replace('YS', 'YR')), /none that the report names/],
    ['that is a drawing', image('data:image/svg+xml;base64,AAAA'), /none that the report names/],
    ['from elsewhere', image('https://example.org/x.png'), /none that the report names/],
  ])('%s are a fault', (_what, html, why) => {
    expect(faultsOf(html, expected).join()).toMatch(why)
  })
})

test('takes time that is linear in the document', () => {
  const check = (size: number) =>
    refuseActiveContent(
      page(`<img src="data:image/png;base64,${'A'.repeat(40 * size)}">${'<p>texte</p>'.repeat(size)}`),
    )
  expect(growthOf(1_000, check)).toBeLessThan(linear)
})
