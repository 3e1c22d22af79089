/** Sentences that are stored as reasons have their French, and faults are in the reader's language. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { fault, faultAt, quoted, several } from '../../lambdas/domain/core/fault.ts'
import { noTerritory } from '../../lambdas/domain/detection/gazetteer.ts'
import { faultIn, faultWords, inFrench, reasonIn, toldIn } from '../../lambdas/web/reading-room/frame/told.ts'
import { roomWordingOf } from '../../lambdas/web/shared/wording.ts'
import deeds from '../../templates/messages/deeds.fr.json' with { type: 'json' }
import libraries from '../../templates/messages/libraries.fr.json' with { type: 'json' }
import { leftInEnglish, type Samples, type Sentence, sentencesIn } from '../support/sentences.ts'

/** Where sentences are made that are stored as reasons. */
const shown = [
  'lambdas/store/detections/undoing.ts',
  'lambdas/usecases/detect/keep-found.ts',
  'lambdas/usecases/detect/decide-candidates.ts',
  'lambdas/usecases/delivery/manage-recipients.ts',
  'lambdas/usecases/reports/handle-report-message.ts',
  'lambdas/render/publish-gate.ts',
  'lambdas/render/read-back.ts',
]

/** What the gate looks for on pages, and the names of columns. */
const values: ReadonlySet<string> = new Set([
  ...['at least about', 'au moins environ', 'rien de publiable –', 'nothing to publish –'],
  ...[' dans cette édition', ' in this edition'],
  ...['at least', 'au moins', 'not given', 'non communiqué', 'not watched', 'non surveillé'],
  ...['e mail', 'envoi groupe', 'no figures'],
])

/** Parts of sentences, with something in them. */
const openParts: readonly RegExp[] = [/publish-gate\.ts:\d+: (page \S+ is$|pages Xanadu.* are$)/]

/** What an expression may contain, where its syntax does not show it. */
const samples: Readonly<Record<string, Samples>> = {
  'lambdas/render/publish-gate.ts': {
    limit: ['a report has at most 400'],
    'messageOf(error)': ['Invalid PDF structure.'],
  },
  'lambdas/render/read-back.ts': {
    file: ['report.fr.html', 'report.en.pdf'],
    'writtenFigure(total, report, language)': ['at least 3'],
    written: ['at least 3'],
  },
}

describe('each sentence', () => {
  let all: readonly Sentence[]
  beforeAll(() => {
    all = sentencesIn(shown, samples)
  })
  test('has its French', () => {
    const missing = all.flatMap(({ where, says }) =>
      says
        .filter((text) => inFrench(text) === undefined && !values.has(text))
        .map((text) => `${where}: ${text}`)
        .filter((line) => !openParts.some((part) => part.test(line)))
        .slice(0, 1),
    )
    expect(missing).toEqual([])
  })
  test('keeps nothing of its English', () => {
    const kept = all.flatMap(({ where, says }) =>
      says.flatMap((text) => {
        const left = leftInEnglish(text, inFrench(text) ?? '')
        return left.length > 0 ? [`${where}: ${left[0]}`] : []
      }),
    )
    expect(kept).toEqual([])
  })
})

describe('the French', () => {
  const entries: readonly (readonly [string, string])[] = [libraries, deeds].flatMap((one) => Object.entries(one))
  const holes = (text: string) => [...text.matchAll(/\{[#"~^]?(\d)"?(?:\|[^{}]*)?\}/g)].map(([, hole]) => hole)

  test('has each sentence once, and the holes of its English', () => {
    expect(new Set(entries.map(([english]) => english)).size).toBe(entries.length)
    for (const [english, french] of entries) {
      expect({ english, holes: [...new Set(holes(french))].toSorted() }).toEqual({
        english,
        holes: holes(english).toSorted(),
      })
    }
  })

  test('is written as French is', () => {
    const wrong = entries.flatMap(([, french]) => {
      const prose = french.replace(/\{"[^{}]*"\}/g, '')
      return / [;:!?»]|«[^\u202f]|[^\s\u202f]»|[a-zé]'[a-zéê]|[^\u202f\s]\?/.test(prose) ? [french] : []
    })
    expect(wrong).toEqual([])
  })

  // Of signs that none of our own words has, so that no other pattern can fit.
  const sign = fc.constantFrom(
    'Ж',
    '世',
    '☃',
    '"',
    '\\',
    '{0}',
    '{~0}',
    '$&',
    '<b>',
    '|',
    '\u202e',
    '\n',
    "'",
    '«',
    '9',
  )
  const hostile = fc.array(sign, { maxLength: 30 }).map((signs) => `Ж${signs.join('')}Ж`)
  test('holds what stands in the holes, whatever that is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...entries),
        fc.array(hostile, { minLength: 10, maxLength: 10 }),
        ([english, french], texts) => {
          const filling = (hole: string, isOf: string): string => {
            const text = texts[Number(hole)] ?? ''
            if (isOf === '#') return '12345'
            if (isOf === '~') return 'it has no page'
            return isOf === '"' ? JSON.stringify(text) : text
          }
          const kinds = new Map<string, string>()
          for (const [, kind = '', hole = ''] of french.matchAll(/\{([~"]?)(\d)"?\}/g))
            if (kind === '~') kinds.set(hole, '~')
          for (const [, kind = '', hole = ''] of english.matchAll(/\{([#"]?)(\d)"?\}/g)) if (kind) kinds.set(hole, kind)
          const sentence = english.replace(/\{[#"]?(\d)"?\}/g, (_, hole: string) =>
            filling(hole, kinds.get(hole) ?? ''),
          )
          const said = inFrench(sentence) ?? ''
          for (const hole of holes(english)) {
            const kind = kinds.get(hole ?? '') ?? ''
            const text = filling(hole ?? '', kind)
            const quoted = text.slice(1, -1)
            const isPlain = kind === '"' && !/["\\«»]/.test(quoted)
            const expected =
              { '#': '12\u202f345', '~': 'il n’a aucune page', '"': isPlain ? quoted : text }[kind] ?? text
            expect(said).toContain(expected)
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('is a page’s own, and what has none is marked as English', () => {
    const [fr, en] = [roomWordingOf('fr'), roomWordingOf('en')]
    expect(toldIn(fr, 'it has no page')).toEqual({ text: 'il n’a aucune page', lang: '' })
    expect(toldIn(en, 'it has no page')).toEqual({ text: 'it has no page', lang: '' })
    expect(toldIn(fr, 'has fallen into the sea')).toEqual({ text: 'has fallen into the sea', lang: 'en' })
    expect(toldIn(fr, '')).toEqual({ text: '', lang: '' })
    expect(reasonIn(fr, 'taken off the list at 2024-05-15')).toEqual({
      text: 'retiré de la liste le 2024-05-15',
      lang: '',
    })
    // Paths of the operator's are left out before.
    expect(
      toldIn(fr, 'NC/2024-W20/amber/v0001 is held: report.fr.pdf: it has no page; report.en.pdf: page 2 is blank'),
    ).toEqual({
      text: 'NC/2024-W20/amber/v0001 est retenu\u00a0: report.fr.pdf\u00a0: il n’a aucune page\u202f; report.en.pdf\u00a0: la page 2 est blanche',
      lang: '',
    })
    // A sentence of which a hole holds the sign that parts sentences.
    const glyphs = (file: string) =>
      `${file}: Glyphs are missing on page 1, 4: U+13000 𓀀 ("𓀀𓀁 one; is empty"), U+13001; U+13001 𓀁 ("𓀀𓀁"). Add a font to PRINT_FONTS and run npm run build:fonts`
    const said = toldIn(fr, `${glyphs('report.fr.pdf')}; ${glyphs('report.en.pdf')}`)
    expect(said.text.match(/Des caractères manquent page 1, 4/g)).toHaveLength(2)
    expect(said).toMatchObject({ lang: '', text: expect.not.stringMatching(/Glyphs|Add a font/) })
    // A person wrote it, in a language of their own.
    expect(reasonIn(fr, 'Depart en retraite')).toEqual({ text: 'Depart en retraite', lang: '' })
    expect(faultIn(fr, 'date', fault('id.empty'))).toEqual({ path: 'date', text: 'est vide', lang: '' })
    expect(faultIn(fr, '', fault('stix.object'))).toEqual({ path: '', text: 'Doit être un objet', lang: '' })
    expect(
      faultIn(fr, 'id', several([faultAt('id', fault('schema.missing')), faultAt('title', fault('schema.missing'))])),
    ).toEqual({
      path: '',
      text: 'id\u00a0: manque\u202f; title\u00a0: manque',
      lang: '',
    })
    expect(faultIn(en, '', fault('stix.object')).text).toBe('must be an object')
    // Addresses that a file holds are defanged in either language.
    const address = fault('accounts.notAName', { text: quoted('https://bad.example/x') })
    expect(faultWords(fr, address).text).not.toContain('https://bad.example')
  })
})

test('several faults of a row are told in French, each under its heading, which may have spaces', () => {
  const faults = [
    faultAt('Nb de messages', fault('cell.wholeNumber', { text: quoted('many') })),
    faultAt('TLP', fault('cell.marking', { text: quoted('PURPLE') })),
  ]
  const { text, lang, path } = faultIn(roomWordingOf('fr'), 'Nb de messages', several(faults))
  expect([lang, path]).toEqual(['', ''])
  expect(text.replaceAll(/\s/g, ' ')).toMatch(/^Nb de messages : .*« many ».* ; TLP : .*« PURPLE »/)
})

test('what is meant by a misspelt territory is named in the reader’s language', () => {
  const said = (written: string) =>
    (['en', 'fr'] as const).map((language) => faultWords(roomWordingOf(language), noTerritory(written)).text)
  expect(said('Nouvelle Caledonnie')).toEqual([
    '"Nouvelle Caledonnie" is no territory: did you mean New Caledonia (NC)?',
    '«\u202fNouvelle Caledonnie\u202f» n’est pas un territoire\u00a0: vouliez-vous dire Nouvelle-Calédonie (NC)\u202f?',
  ])
})
