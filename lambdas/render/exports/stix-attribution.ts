/** Attributions in STIX: an object for each actor, a relationship for each link. */
import { type Marking, strictest } from '../../domain/core/marking.ts'
import { canonicalJson } from '../../domain/core/text/canonical.ts'
import { refang } from '../../domain/core/text/defang.ts'
import { nameIn, textIn } from '../../domain/core/text/localised.ts'
import type { AttributionLink, Party } from '../../domain/detection/attribution-schema.ts'
import { isAssessed } from '../../domain/detection/attribution.ts'
import type { Name } from '../../domain/detection/detection.ts'
import type { Entry } from '../../domain/report/facts.ts'

/** Numeric values of low, medium and high by STIX 2.1, appendix A. */
export const confidenceScores = { low: 15, moderate: 50, high: 85 } as const

/** Numeric values of the ICD 203 terms (STIX's DNI scale). */
const likelihoodScores = {
  'almost no chance': 5,
  'very unlikely': 15,
  unlikely: 30,
  'roughly even': 50,
  likely: 70,
  'very likely': 85,
  'almost certain': 95,
} as const

/** Separates several actors in one name: "Azerbaijan / Baku Initiative Group". */
const between = ' / '

export const actorsIn = (name: Name): readonly { readonly text: string; readonly language: string }[] => {
  const { text, language } = nameIn(name, 'en')
  return text.split(between).map((one) => ({ text: one, language }))
}

type Shelf = {
  named(type: string, known: string, properties: object, marking: Marking): string
  put(type: string, known: string, properties: object, marking: Marking): void
  linkTo(address: string): string | undefined
}

/** Vigie's extension, from which ingestion rebuilds the detection. */
type Words = (content: { readonly detection: string; readonly [what: string]: unknown }) => object

export const putChain = (entry: Entry, incident: string, shelf: Shelf, words: Words): void => {
  const { links = [], replies = [] } = entry.actor ?? {}
  for (const [at, link] of links.entries()) {
    const marking = strictest([entry.marking, ...(link.marking ? [link.marking] : [])])
    const author = authorOf(link.attributedBy, marking, shelf)
    shelf.put(
      'relationship',
      `link ${entry.id} ${canonicalJson(link)}`,
      {
        created_by_ref: author.id,
        // OpenCTI drops `attributed-to` between two actors.
        relationship_type: 'related-to',
        source_ref: partyOf(link.from, entry, marking, shelf),
        target_ref: partyOf(link.to, entry, marking, shelf),
        description: described(link, author.name),
        ...scored(link),
        ...references(link.source, shelf),
        extensions: words({ detection: entry.id, at, link }),
      },
      marking,
    )
  }
  for (const [at, reply] of replies.entries()) {
    const marking = strictest([entry.marking, ...(reply.marking ? [reply.marking] : [])])
    const author = authorOf(reply.by, marking, shelf)
    shelf.put(
      'note',
      `reply ${entry.id} ${canonicalJson(reply)}`,
      {
        created_by_ref: author.id,
        abstract: `Reply of ${author.name}`,
        content: textIn(reply.text, 'en').text,
        object_refs: [incident],
        ...references(reply.source, shelf),
        extensions: words({ detection: entry.id, at, reply }),
      },
      marking,
    )
  }
}

const authorOf = (called: Name, marking: Marking, shelf: Shelf) => {
  const name = nameIn(called, 'en').text
  return { name, id: shelf.named('identity', name, { name }, marking) }
}

const partyOf = ({ name, kind }: Party, { accountSet }: Entry, marking: Marking, shelf: Shelf): string => {
  const { text, language } = nameIn(name, 'en')
  const lang = language === 'und' || language === 'en' ? {} : { lang: language }
  if (kind !== 'account set') return shelf.named('threat-actor', text, { name: text, ...lang }, marking)
  const isSame = accountSet?.name !== undefined && nameIn(accountSet.name, 'en').text === text
  return shelf.named('channel', isSame ? accountSet.id : text, { name: text, ...lang }, marking)
}

/** Example: `Attributed to Azerbaijan. According to VIGINUM, administrative: Registered for tax there.` */
const described = (link: AttributionLink, author: string): string => {
  const { relation, to, basis, fact, date, likelihood, confidence } = link
  return [
    ...(relation === 'attributed to' ? [`Attributed to ${nameIn(to.name, 'en').text}.`] : []),
    `According to ${author}${basis ? `, ${basis}` : ''}: ${textIn(fact, 'en').text}`,
    ...(date === undefined ? [] : [`Date of the fact: ${date}.`]),
    ...(likelihood ? [`Likelihood: ${likelihood}.`] : []),
    ...(confidence?.platformDefault ? ['Confidence not given: its platform fills in a value by itself.'] : []),
  ].join(' ')
}

const scored = (link: AttributionLink): object => {
  const { confidence, likelihood } = link
  if (confidence && isAssessed(link)) {
    const { level, score } = confidence
    return { confidence: level ? confidenceScores[level] : score }
  }
  return likelihood ? { confidence: likelihoodScores[likelihood] } : {}
}

const references = (source: AttributionLink['source'], shelf: Shelf): object => {
  if (!source) return {}
  const { title, date, archiveUrl } = source
  const url = archiveUrl === undefined ? undefined : shelf.linkTo(refang(archiveUrl))
  const name = textIn(title, 'en').text
  return {
    external_references: [
      {
        source_name: name,
        description: [name, date, url === undefined ? archiveUrl : undefined].filter(Boolean).join(', '),
        ...(url !== undefined && { url }),
      },
    ],
  }
}
