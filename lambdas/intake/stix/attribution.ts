import { closedMarking, fitsUnder, type Marking, strictest } from '../../domain/core/marking.ts'
import { isRecord } from '../../domain/core/text/parse-json.ts'
import { type DetectionInput, readDetection } from '../../domain/detection/detection.ts'
import { vigieExtension } from '../../domain/report/exchange.ts'
import { oneLine } from '../text/one-line.ts'
import type { Attributed } from './gathered.ts'
import { markingOf } from './markings.ts'
import { authorOf, inLanguage, nameOf, recordsOf, type StixObject, textOf, type Web } from './objects.ts'

type Link = NonNullable<NonNullable<DetectionInput['actor']>['links']>[number]

/** Relationships and notes with Vigie's extension, by detection id, in order. */
export const ownAttributions = (web: Web): ReadonlyMap<string, readonly StixObject[]> => {
  const found = new Map<string, { readonly at: number; readonly object: StixObject }[]>()
  for (const object of web.objects.values()) {
    const words = wordsOf(object)
    if (typeof words?.detection !== 'string') continue
    const at = typeof words.at === 'number' ? words.at : 0
    found.set(words.detection, [...(found.get(words.detection) ?? []), { at, object }])
  }
  return new Map([...found].map(([id, all]) => [id, all.sort((a, b) => a.at - b.at).map(({ object }) => object)]))
}

export const wordsOf = ({ extensions }: StixObject): Record<string, unknown> | undefined => {
  const own = isRecord(extensions) ? extensions[vigieExtension] : undefined
  const words = isRecord(own) ? own.attribution : undefined
  return isRecord(words) ? words : undefined
}

type OwnWords = { readonly words: Readonly<Record<string, unknown>>; readonly marking: Marking }

/** Reads a record of Vigie, at least as strictly marked as the object that has it; so are its actor's links and replies. */
export const readOwn = ({ words: own, marking: least }: OwnWords, chain: readonly OwnWords[], indicators: unknown) => {
  const marking = strictest([least, ...(own.marking === undefined ? [] : [closedMarking(own.marking)])])
  const entriesOf = (what: 'link' | 'reply') =>
    chain.flatMap(({ words, marking: ownLeast }) => {
      const entry = words[what]
      if (!isRecord(entry)) return []
      const stated = entry.marking === undefined ? [] : [closedMarking(entry.marking)]
      const strict = strictest([ownLeast, ...stated])
      return [{ ...entry, ...((stated.length > 0 || !fitsUnder(strict, marking)) && { marking: strict }) }]
    })
  const [links, replies] = [entriesOf('link'), entriesOf('reply')]
  const actor = isRecord(own.actor) && {
    actor: { ...own.actor, ...(links.length > 0 && { links }), ...(replies.length > 0 && { replies }) },
  }
  return readDetection({ ...own, ...actor, indicators, marking })
}

/** Links between a campaign's actors whose relationship has a description. STIX has no property for the basis. */
export const describedLinks = (actors: readonly Attributed[], web: Web): readonly Link[] => {
  const byId = new Map(actors.map((one) => [one.object.id, one]))
  return [...byId.values()].flatMap((one) =>
    (web.links.get(one.object.id) ?? []).flatMap(({ relation, type, other, outgoing }): Link[] => {
      const behind = byId.get(other)
      const fact = textOf(relation.description)
      if (!behind || !outgoing || type !== 'attributed-to' || fact === undefined) return []
      const author = authorOf(relation, web)
      const attributedBy = author && nameOf(author)
      if (attributedBy === undefined) return []
      return [
        {
          from: partyOf(one),
          to: partyOf(behind),
          fact: inLanguage(relation, fact.slice(0, maxFactChars)),
          ...sourceIn(relation),
          attributedBy: oneLine(attributedBy),
          ...scoreIn(relation, web),
          ...markedAs(relation, web),
        },
      ]
    }),
  )
}

const maxFactChars = 20_000

const partyOf = ({ object, name }: Attributed): Link['from'] => {
  const isOrganisation = object.type === 'identity' && textOf(object.identity_class) !== 'group'
  const isState = recordsOf([object]).some(({ threat_actor_types: types }) =>
    Array.isArray(types) ? types.includes('nation-state') : false,
  )
  return {
    name: inLanguage(object, oneLine(name)),
    kind: isState ? 'state' : isOrganisation ? 'organisation' : 'group',
  }
}

const sourceIn = (relation: StixObject): Pick<Link, 'source'> => {
  const [reference] = recordsOf(relation.external_references)
  const title = textOf(reference?.source_name)
  return title === undefined ? {} : { source: { title: inLanguage(relation, title) } }
}

/** Marks a confidence that the platform fills in by default. */
const scoreIn = ({ confidence }: StixObject, web: Web): Pick<Link, 'confidence'> =>
  typeof confidence === 'number' && Number.isInteger(confidence) && confidence >= 0 && confidence <= 100
    ? { confidence: { score: confidence, ...(confidence === web.defaultConfidence && { platformDefault: true }) } }
    : {}

const markedAs = (relation: StixObject, web: Web): Pick<Link, 'marking'> => {
  const { marking, source } = markingOf(relation, web)
  return source === 'stated' ? { marking } : {}
}
