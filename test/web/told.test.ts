/**
 * Every sentence that the intake and the forms can say has its French. The sentences are read from the sources' syntax,
 * and nothing here names a message: one that is added without its French fails with the place where it stands.
 */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { noTerritory } from '../../lambdas/domain/detection/gazetteer.ts'
import { faultIn, inFrench, reasonIn, toldIn } from '../../lambdas/web/reading-room/frame/told.ts'
import { roomWordingOf } from '../../lambdas/web/shared/wording.ts'
import deeds from '../../templates/messages/deeds.fr.json' with { type: 'json' }
import intake from '../../templates/messages/intake.fr.json' with { type: 'json' }
import records from '../../templates/messages/records.fr.json' with { type: 'json' }
import { leftInEnglish, type Samples, type Sentence, sentencesIn } from '../support/sentences.ts'

/** Where what is said reaches a reader of the room. */
const shown = [
  'lambdas/intake',
  'lambdas/domain/detection',
  ...['marking', 'text/hash', 'text/printable', 'time/observed', 'time/period', 'time/zone'].map(
    (name) => `lambdas/domain/core/${name}.ts`,
  ),
  'lambdas/domain/delivery/recipient.ts',
  'lambdas/domain/plate',
  'lambdas/domain/report/note.ts',
  'lambdas/store/detections/saving.ts',
  'lambdas/store/detections/undoing.ts',
  'lambdas/usecases/detect/keep-found.ts',
  'lambdas/usecases/ingest/mend/add-reply.ts',
  'lambdas/usecases/ingest/check-detections.ts',
  'lambdas/usecases/ingest/mend/correct-detection.ts',
  'lambdas/usecases/ingest/ingest-detections.ts',
  'lambdas/usecases/detect/decide-candidates.ts',
  'lambdas/usecases/delivery/manage-recipients.ts',
  'lambdas/usecases/plates/add-plate.ts',
  'lambdas/usecases/plates/take-upload.ts',
  'lambdas/usecases/reports/handle-report-message.ts',
  'lambdas/usecases/reports/schedules/set-schedule.ts',
  'lambdas/usecases/reports/notes/write-note.ts',
  'lambdas/render/picture-decoder.ts',
  'lambdas/render/publish-gate.ts',
  'lambdas/render/read-back.ts',
]

/** Whole files of which the room shows nothing. */
const unshown: Readonly<Record<string, string>> = {
  'lambdas/intake/posts/': 'posts for vigie detect, by command or the drop bucket',
  'lambdas/intake/csv/mapping.ts': '--map of commands',
  'lambdas/domain/detection/revisions/pseudonym.ts': 'a key that the operator gives',
  'lambdas/domain/detection/names/aliases.ts': 'names, and faults of a file that the operator gives',
  'lambdas/domain/detection/frameworks/kill-chain.ts': 'names of phases, in both languages',
  'lambdas/domain/detection/names/known-names.ts': 'names, in both languages',
}

/** What is stored, compared or a name, and no sentence: the page says it by messages of its own, or as it is. */
const values: ReadonlySet<string> = new Set([
  // What the gate looks for on pages, in both languages.
  ...['at least about', 'au moins environ', 'rien de publiable –', 'nothing to publish –'],
  ...[' dans cette édition', ' in this edition'],
  ...['at least', 'by hand', 'list of domains', 'no offset', 'correction of ', 'attributed to'],
  ...['almost no chance', 'very unlikely', 'roughly even', 'very likely', 'almost certain'],
  ...['not supported', 'not assessed', 'without equivalent', 'to come', 'no figures', 'no marking'],
  ...['begins within', 'date is wider', 'begins after', 'went on', 'ended before'],
  ...['not given', 'not watched', 'au moins', 'non communiqué', 'non surveillé'],
  ...['indicator type', 'indicator value', 'French Indian Ocean territories'],
  ...['Coordination Network Toolkit', 'D3lta text_grapheme, SHA-256', '(nested too deeply to be written again)'],
])

/** What a detector's known error is called is a text in both languages. */
const inBothLanguages = /^lambdas\/intake\/coordination\/(cnt|coortweet|d3lta)\.ts:(1|2)\d$/

/** Names of columns as they are compared: small letters, in two files that have nothing else of that form. */
const ofColumns = (file: string, text: string): boolean =>
  /(csv\/fields|table\/post-table)\.ts$/.test(file) && /^[a-z\d_]+(,? [a-z\d_]+)+$/.test(text)

/** Parts of sentences that are put together from several: each is in a sentence that has its French. */
const parts: ReadonlySet<string> = new Set([
  ...['a workbook may have', 'a STIX bundle may have'],
  ...['each element must be one whole object', 'each line must hold one whole object', 'holds NUL bytes, so '],
  'the file ends inside this record, so it seems cut: fetch it again',
  'the file seems cut here, since its last line has no end: fetch it again',
  'has the same detector, title, first date, territories and platforms',
  'month of the calendar',
  ...['say "dates" in a mapping', 'if they are not, write them in the file as 2024-05-15'],
  'is an old Excel workbook, or one with a password: save it as .xlsx without one, or the sheet as CSV',
  'is compressed: unpack it with gunzip, or give gunzip -c FILE | vigie ingest -',
  'is a PDF: give the detections as a file of data',
  'holds posts, not detections: vigie detect finds copies and coordination in them',
  ...['declares a document type, which no workbook has', 'is damaged: it holds what is no XML'],
  ...['is empty, and so', 'it has no type'],
  ...['; the file seems truncated: fetch it again', "the file gives none, and a quarter in its name is the report's"],
  ...['a number of its rows, which are counted from 0'],
  '2024-W20, 2024-05, 2024-Q2, 2024 or 2024-05-13--2024-05-19',
  ', or ',
])

/** Parts with something in them. */
const openParts: readonly RegExp[] = [
  /csv\/csv\.ts:\d+: (number \S+, which has no heading,|"\S+", since "\S+" fills \S+,|; did you mean)/,
  /csv\/csv\.ts:\d+: column \S+: dates are read as [\w-]+(\/month|\/day)?(\/year)?$/,
  /meta\/meta\.ts:\d+: ("\S+" is$|ds, \S+, is the day on which it was entered$)/,
  /stix\/stix\.ts:\d+: (its type is "|line \S+, column \S+$| \(its first_seen, )/,
  /table\/post-table\.ts:\d+: in its column /,
  /table\/raw-posts\.ts:\d+: holds /,
  /xlsx\/workbook\.ts:\d+: (says a false size of|was changed since it was saved)/,
  /core\/period\.ts:\d+: (: do you mean the week |"\S+" is no month$)/,
  /detection\/detection\.ts:\d+: Xanadu/,
  /decide-candidates\.ts:\d+: : it is \w+$/,
  /publish-gate\.ts:\d+: (page \S+ is$|pages Xanadu.* are$)/,
  /plate\/picture\.ts:\d+: it says that it has 7531 × 7531 pixels$/,
]

/** Names of types by schemas, with the article of each: held by the corpus of bad files. */
const ofTypes = /detection\/detection\.ts:\d+: must be an? /

/** Of the files above, what only a command says, or the log. */
const byCommand: readonly RegExp[] = [
  /correct-detection\.ts:\d+: (\S+: its revision |other fields$|\S+ by \S+$)/,
  /manage-recipients\.ts:\d+: \S+ (has no column address|is (suppressed|unsubscribed): )/,
  // What is no fault of a picture's, and scripts.
  /plate\/plate\.ts:\d+: (cannot be read|a group of plates has none|left out)$/,
  /add-plate\.ts:\d+: plate \S+ is there and is not: /,
  /picture-decoder\.ts:\d+: (reading the picture$|masking the picture$|the browser made |async \()/,
]

const timeless = ['no row of it has a time of sharing', 'a list of links between accounts has no times']
const town = { 'territoryOf(likely).name.en': ['Saint Martin'] }
const fault = ['must not be empty']
const lowered = ['lowers the marking from TLP:AMBER to TLP:GREEN']

/** What an expression may say, where its syntax does not tell. */
const samples: Readonly<Record<string, Samples>> = {
  'lambdas/intake/coordination/cluster-record.ts': { timeless },
  'lambdas/intake/csv/csv.ts': {
    'first.reject.message': ['has a quote that is opened and not closed, or text after a closing one'],
    "slip((field) => field?.path === 'title')": ['', '; did you mean "Titre" by "Tirte"?'],
    listed: ['"Xanadu", "Ypsilon"'],
    named: ['"Xanadu"'],
    column: ['"Xanadu"'],
    'slip(isFirstDate)': ['', '; did you mean "Date" by "Dtae"?'],
  },
  'lambdas/intake/csv/fields.ts': town,
  'lambdas/intake/formats.ts': {
    "named.join(', ').toWellFormed()": ['"Xanadu", "Ypsilon"'],
    mayHave: ['a workbook may have', 'a STIX bundle may have'],
    mend: ['save the sheet as CSV', 'split it by report'],
    other: [
      'is an old Excel workbook, or one with a password: save it as .xlsx without one, or the sheet as CSV',
      'is compressed: unpack it with gunzip, or give gunzip -c FILE | vigie ingest -',
      'is a PDF: give the detections as a file of data',
    ],
    posts: ['holds posts, not detections: vigie detect finds copies and coordination in them'],
  },
  'lambdas/intake/json/own-record.ts': {
    reason: ['Unexpected end of JSON input'],
    mend: [...parts].filter((part) => /whole object|seems cut/.test(part)),
  },
  'lambdas/intake/lists/domains.ts': { "listed.join(', ')": ['"Xanadu", "Ypsilon"'] },
  'lambdas/intake/meta/meta.ts': { 'type.name': ['domain', 'url'] },
  'lambdas/intake/stix/stix.ts': {
    reason: ['Unexpected end of JSON input'],
    'seed.type': ['campaign', 'incident'],
    type: ['campaign', 'incident'],
    where: ['line 3, column 4'],
  },
  'lambdas/intake/table/post-table.ts': {
    "some.join(', ')": ['"Xanadu", "Ypsilon"'],
    why: ['distinct accounts cannot be counted', 'nobody knows when they were posted'],
  },
  'lambdas/intake/xlsx/workbook.ts': {
    names: ['"Xanadu", "Ypsilon"'],
    'cause.message': ['declares a document type, which no workbook has', 'is damaged: it holds what is no XML'],
  },
  'lambdas/domain/detection/gazetteer.ts': town,
  'lambdas/domain/plate/picture.ts': {
    other: [
      ...['those of a GIF', 'those of a PDF', 'those of a ZIP', 'those of no picture'],
      ...['those of a HEIC, an AVIF or a video', 'those of an SVG or another text with tags'],
    ],
    what: [
      ...['its header is not the first part', 'its header is wrong', 'it has no pixels', 'a marker is missing'],
      ...['a marker is wrong', 'it says two sizes', 'its frame does not begin'],
    ],
  },
  'lambdas/render/publish-gate.ts': {
    limit: ['a report has at most 400'],
    'messageOf(error)': ['Invalid PDF structure.'],
  },
  'lambdas/render/read-back.ts': {
    file: ['report.fr.html', 'report.en.pdf'],
    'writtenFigure(total, report, language)': ['at least 3'],
    written: ['at least 3'],
  },
  'lambdas/usecases/ingest/check-detections.ts': { 'one.before': ['line 4', 'an earlier record of list.csv'] },
  'lambdas/usecases/ingest/mend/correct-detection.ts': town,
  'lambdas/usecases/ingest/ingest-detections.ts': { 'faultOf(error)': fault },
  'lambdas/store/detections/saving.ts': { lowered },
  'lambdas/store/detections/undoing.ts': { lowered },
  'lambdas/usecases/detect/decide-candidates.ts': {
    'contest.message': lowered,
    'reject.message': fault,
  },
  'lambdas/usecases/delivery/manage-recipients.ts': town,
}

describe('each sentence', () => {
  let all: readonly Sentence[]
  beforeAll(() => {
    all = sentencesIn(shown, samples).filter(
      ({ file }) => !Object.keys(unshown).some((start) => file.startsWith(start)),
    )
  })
  test('has its French', () => {
    const missing = all
      .filter(({ where }) => !inBothLanguages.test(where))
      .flatMap(({ where, file, says }) =>
        says
          .filter((text) => inFrench(text) === undefined)
          .filter((text) => !values.has(text) && !parts.has(text) && !ofColumns(file, text))
          .map((text) => `${where}: ${text}`)
          .filter((line) => ![...openParts, ...byCommand, ofTypes].some((part) => part.test(line)))
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
  test('that is a part stands in one that has its French', () => {
    const wholes = all.flatMap(({ says }) => says).filter((text) => inFrench(text) !== undefined)
    expect([...parts].filter((part) => !wholes.some((whole) => whole !== part && whole.includes(part)))).toEqual([])
  })
})

describe('the French', () => {
  const entries: readonly (readonly [string, string])[] = [intake, records, deeds].flatMap((one) => Object.entries(one))
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
      const prose = french.replace(/\{"[^{}]*"\}|\{"type": .*\}|\{"value": .*\}/g, '')
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
            if (isOf === '~') return 'must not be empty'
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
              { '#': '12\u202f345', '~': 'ne doit pas être vide', '"': isPlain ? quoted : text }[kind] ?? text
            expect(said).toContain(expected)
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('is a page’s own, and what has none is marked as English', () => {
    const [fr, en] = [roomWordingOf('fr'), roomWordingOf('en')]
    expect(toldIn(fr, 'is empty')).toEqual({ text: 'est vide', lang: '' })
    expect(toldIn(en, 'is empty')).toEqual({ text: 'is empty', lang: '' })
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
    expect(faultIn(fr, 'date', 'is empty')).toEqual({ path: 'date', text: 'est vide', lang: '' })
    expect(faultIn(fr, '', 'must be an object')).toEqual({ path: '', text: 'Doit être un objet', lang: '' })
    expect(faultIn(fr, 'id', 'id: is missing; title: is missing')).toEqual({
      path: '',
      text: 'id\u00a0: manque\u202f; title\u00a0: manque',
      lang: '',
    })
    expect(faultIn(en, '', 'must be an object').text).toBe('must be an object')
    // Addresses that a file holds are defanged in either language.
    expect(toldIn(fr, '"https://bad.example/x" names no account').text).not.toContain('https://bad.example')
  })
})

test('several faults of a row are told in French, each under its heading, which may have spaces', () => {
  const message =
    'Nb de messages: is "many": give a whole number, such as 5000, "≥ 5000" or "~300"; TLP: is "PURPLE": give TLP:CLEAR, GREEN, AMBER, AMBER+STRICT or RED; and 3 more'
  const { text, lang, path } = faultIn(roomWordingOf('fr'), 'Nb de messages', message)
  expect([lang, path]).toEqual(['', ''])
  expect(text.replaceAll(/\s/g, ' ')).toMatch(/^Nb de messages : .*« many ».* ; TLP : .*« PURPLE »/)
})

test('what is meant by a misspelt territory is named in the reader’s language', () => {
  const said = (written: string) =>
    (['en', 'fr'] as const).map((language) => toldIn(roomWordingOf(language), noTerritory(written)).text)
  expect(said('Nouvelle Caledonnie')).toEqual([
    '"Nouvelle Caledonnie" is no territory: did you mean New Caledonia (NC)?',
    '«\u202fNouvelle Caledonnie\u202f» n’est pas un territoire\u00a0: vouliez-vous dire Nouvelle-Calédonie (NC)\u202f?',
  ])
  // What was stored before has the French name in it..
  const before = '"x" is no territory: did you mean Nouvelle-Calédonie (NC)?'
  expect(toldIn(roomWordingOf('fr'), before)).toMatchObject({
    text: expect.stringContaining('Nouvelle-Calédonie'),
    lang: '',
  })
})
