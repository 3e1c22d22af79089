import type { Segment } from '../../core/language/language.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import { type Marking, strictest } from '../../core/marking.ts'
import { bases, type Party } from '../../detection/attribution-schema.ts'
import { basisState, type Chain, type ChainLink, chainOf, isAssessed, linkWeight } from '../../detection/attribution.ts'
import type { Entry } from '../../report/facts.ts'
import { type DossierTable, maxNameChars, moreText, tableOf } from '../words/dossier-tables.ts'
import { nameText, type Row, shortened, titleOf, datedText } from '../words/phrases.ts'

/** More would be unreadable. */
const maxBoxes = 8
const maxLinksDrawn = 10

/** `report.json` has more. */
const maxRowsOfCard = 12
const maxRowsOfDossier = 40

export type AttributionPart = NonNullable<ReturnType<typeof attributionOf>>

/** Null without links and replies. */
export const attributionOf = (
  entry: Pick<Entry, 'actor' | 'marking'>,
  asOf: string | undefined,
  anchor: string,
  words: ReportWording,
) => {
  const chain = chainOf([entry])
  if (chain.links.length + chain.replies.length === 0) return null
  // Without a link, whether a basis was sought is not known.
  const hasLinks = chain.links.length > 0
  return {
    bases: {
      label: words.say('attribution.bases'),
      note: words.say('attribution.bases.note'),
      items: bases.map((basis) => {
        const sign = basisState(chain.links, basis)
        return {
          sign,
          word: words.say(`basis.${basis}`),
          state: words.say(hasLinks ? basisStates[sign] : 'figure.unknown'),
        }
      }),
    },
    table: linksTable(chain, { anchor: `${anchor}-links`, most: maxRowsOfCard, own: entry.marking }, words),
    reply: replyRow(chain, asOf, words),
  }
}

const basisStates = { full: 'state.supported', half: 'state.partial', empty: 'state.not supported' } as const

export const dossierLinks = (chain: Chain, more: number, words: ReportWording): DossierTable =>
  linksTable(chain, { anchor: 'dossier-links', most: maxRowsOfDossier, more, isUndrawn: !isDrawn(chain, more) }, words)

/** `own` is the card's marking; `isUndrawn`: too large for a drawing. */
type TableBounds = {
  readonly anchor: string
  readonly most: number
  readonly own?: Marking
  readonly more?: number
  readonly isUndrawn?: boolean
}

type NumberedLink = ChainLink & { readonly number: number }

const linksTable = (
  { parties, links }: Chain,
  { anchor, most, own, more = 0, isUndrawn = false }: TableBounds,
  words: ReportWording,
): DossierTable => {
  const nameAt = (at: number): string => shortened(nameText((parties[at] as Party).name, words), maxNameChars)
  return tableOf<NumberedLink>(
    {
      anchor,
      kind: 'links',
      title: words.say('attribution.title'),
      note: [words.say('attribution.note'), ...(isUndrawn ? [words.say('attribution.tooMany')] : [])].join(' '),
      more: moreText('attribution.more', Math.max(0, links.length - most) + more, words),
    },
    links.slice(0, most).map((link, at) => ({ ...link, number: at + 1 })),
    [
      { label: words.say('attribution.number'), of: ({ number }) => words.number(number) },
      {
        label: words.say('attribution.link'),
        of: ({ from, to, relation }) => `${nameAt(from)} ${arrows[relation]} ${nameAt(to)}`,
        under: ({ relation, marking }) => [
          ...(relation === 'amplify each other' ? [words.say('attribution.mutual')] : []),
          // The card's head already shows its own marking.
          ...(marking === own ? [] : [marking]),
        ],
      },
      {
        label: words.say('attribution.basis'),
        of: ({ basis }) => words.say(basis ? `basis.${basis}` : 'figure.unknown'),
      },
      {
        label: words.say('attribution.fact'),
        of: ({ fact }) => titleOf(fact, words.language, maxFactChars),
        under: ({ date }) => [words.say('attribution.date', { date: datedText(date, words) })],
      },
      {
        label: words.say('attribution.source'),
        of: ({ source }) => (source ? titleOf(source.title, words.language) : words.say('figure.unknown')),
        under: ({ source }) =>
          source
            ? [
                ...(source.date === undefined ? [] : [datedText(source.date, words)]),
                source.archiveUrl ?? words.say('attribution.noCopy'),
              ]
            : [],
      },
      {
        label: words.say('dossier.accordingTo'),
        of: ({ attributedBy }) => shortened(nameText(attributedBy, words), maxNameChars),
      },
      {
        label: words.say('manoeuvre.confidence'),
        of: (link) => confidenceText(link, words),
        under: ({ confidence, likelihood }) => [
          ...(confidence?.platformDefault && confidence.score !== undefined
            ? [words.say('attribution.default', { value: words.quoted(words.number(confidence.score)) })]
            : []),
          ...(likelihood ? [words.say('attribution.likelihood', { term: words.say(`likelihood.${likelihood}`) })] : []),
        ],
      },
    ],
  )
}

const arrows = { 'attributed to': '→', 'amplify each other': '↔' } as const

const maxFactChars = 400

/** A platform's default value is n/a; no value is *not rated*. */
const confidenceText = (link: ChainLink, words: ReportWording): string => {
  const { confidence } = link
  if (!confidence) return words.say('confidence.level', { level: 'none' })
  if (!isAssessed(link)) return words.say('figure.unknown')
  if (confidence.level) return words.say('confidence.level', { level: confidence.level })
  const source = confidence.source ? words.say('confidence.source', { source: confidence.source }) : ''
  return words.say('confidence.score', { score: confidence.score ?? 0, source })
}

/** @param asOf the latest time of a known reply; left out for current data */
export const replyRow = ({ replies }: Pick<Chain, 'replies'>, asOf: string | undefined, words: ReportWording): Row => ({
  label: words.say('attribution.reply'),
  paragraphs:
    replies.length === 0
      ? [
          [
            {
              text:
                asOf === undefined
                  ? words.say('attribution.reply.unknown')
                  : words.say('attribution.reply.none', {
                      day: words.days(parisDay(asOf), parisDay(asOf)),
                    }),
            },
          ],
        ]
      : replies.slice(0, maxReplies).map(({ by, text, date, source, marking }): readonly Segment[] => {
          const { text: replyText, lang } = titleOf(text, words.language, maxFactChars)
          const about = [
            source ? titleOf(source.title, words.language).text : words.say('attribution.noSource'),
            date === undefined && source?.date === undefined
              ? words.say('attribution.noDate')
              : datedText(date ?? source?.date, words),
            ...(source?.archiveUrl === undefined ? [] : [source.archiveUrl]),
            marking,
          ]
          return [
            { text: nameText(by, words), strong: true },
            { text: words.say('attribution.reply.colon') },
            { text: replyText, ...(lang !== undefined && { lang }) },
            { text: ` (${about.join(', ')})` },
          ]
        }),
})

const maxReplies = 5

const parisDay = (instant: string): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Paris', dateStyle: 'short' }).format(new Date(instant))

export const chainExtent = ({ links }: Pick<Chain, 'links'>, more: number, words: ReportWording): string => {
  if (links.length === 0) return ''
  const there = bases.filter((basis) => links.some((one) => one.basis === basis))
  return words.say('attribution.extent', {
    count: links.length + more,
    bases: there.length,
    list: words.list(there.map((basis) => words.say(`basis.${basis}`))),
    rated: links.filter(isAssessed).length,
  })
}

const isDrawn = ({ parties, links }: Pick<Chain, 'parties' | 'links'>, more: number): boolean =>
  more === 0 && parties.length <= maxBoxes && links.length <= maxLinksDrawn

export type ChainDrawing = NonNullable<ReturnType<typeof chainDrawing>>

/** Draws parties in columns from actor to backer; numbers refer to the table. Null if empty or too large. */
export const chainDrawing = (
  { parties, links }: Pick<Chain, 'parties' | 'links'>,
  more: number,
  words: ReportWording,
) => {
  if (links.length === 0 || !isDrawn({ parties, links }, more)) return null
  const columns = [...new Set(parties.map(columnOf))].toSorted()
  const names = parties.map(({ name }) => shortened(nameText(name, words), maxNameChars))
  const linkTexts = links.map((link, at) =>
    words.say('attribution.drawing.link', {
      number: at + 1,
      from: names[link.from] ?? '',
      to: names[link.to] ?? '',
      mutual: link.relation === 'amplify each other' ? 'yes' : 'no',
      basis: words.say(link.basis ? `basis.${link.basis}` : 'figure.unknown'),
    }),
  )
  return {
    title: words.say('attribution.drawing.title', { count: links.length, rated: links.filter(isAssessed).length }),
    /** Alternative text. */
    text: words.say('attribution.drawing.text', {
      parties: parties.length,
      count: links.length,
      list: linkTexts.join(' ; '),
    }),
    boxes: parties.map((party, at) => ({
      column: columns.indexOf(columnOf(party)),
      name: names[at] ?? '',
      kind: words.say(`party.${party.kind}`),
      isState: party.kind === 'state',
    })),
    links: links.map((link, at) => ({
      number: at + 1,
      from: link.from,
      to: link.to,
      basis: words.say(link.basis ? `basis.${link.basis}` : 'figure.unknown'),
      weight: linkWeight(link),
      isMutual: link.relation === 'amplify each other',
    })),
  }
}

/** Account sets and groups act, organisations are intermediaries, states are behind them. */
const columnOf = ({ kind }: Party): number => ({ 'account set': 0, group: 0, organisation: 1, state: 2 })[kind]

/**
 * Lists the bases on which sources name a foreign actor, for the second legal criterion. No conclusion is automated.
 */
export const basesOfCriterion = (entry: Pick<Entry, 'actor' | 'marking'>, words: ReportWording): string => {
  const links = chainOf([entry]).links.filter(({ basis }) => basis !== undefined)
  if (links.length === 0) return ''
  const there = bases.filter((basis) => links.some((one) => one.basis === basis))
  const marking = strictest(links.map((one) => one.marking))
  return [
    words.say('criteria.bases', {
      source: words.list([
        ...new Set(links.map(({ attributedBy }) => shortened(nameText(attributedBy, words), maxNameChars))),
      ]),
      count: there.length,
      list: words.list(there.map((basis) => words.say(`basis.${basis}`))),
    }),
    ...(marking === entry.marking ? [] : [`(${marking})`]),
  ].join(' ')
}
