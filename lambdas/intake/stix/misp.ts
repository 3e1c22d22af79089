/** Reads events of MISP: each is one detection, and an event that Vigie exported gives all of its own. */
import { type Fault, fault } from '../../domain/core/fault.ts'
import { closedMarking, fitsUnder, strictest } from '../../domain/core/marking.ts'
import { refang } from '../../domain/core/text/defang.ts'
import { isRecord } from '../../domain/core/text/parse-json.ts'
import { readDetection } from '../../domain/detection/detection.ts'
import { placesAmong, readPlaceName } from '../../domain/detection/gazetteer.ts'
import { attributedByBundle } from '../../domain/detection/names/attributed-by.ts'
import { mispWordsOf } from '../../domain/report/exchange.ts'
import { countsByName } from '../record/counts.ts'
import { FileError } from '../record/file-error.ts'
import { platformsIn } from '../record/platforms.ts'
import { type IntakeOptions, type IntakeRecord, rejectOf } from '../record/record.ts'
import { oneLine } from '../text/one-line.ts'
import { readOwn } from './attribution.ts'
import { parsed } from './bundle.ts'
import { linkedEvidence, nothingGathered, type TerritoryAssignmentInput } from './gathered.ts'
import { type Cluster, firstParagraph, isTrue, mispText, readAttribute, techniquesIn } from './misp-attributes.ts'
import { recordsOf, sortedValues, textsOf, written } from './objects.ts'
import { observedIn } from './stix.ts'

type Part = Readonly<Record<string, unknown>>

/** @throws FileError where the text is no JSON, or holds no event */
export const readMisp = (text: string, options: IntakeOptions) => {
  const { file } = options
  const whole = parsed(text, file)
  const entries = [isRecord(whole) && whole.response !== undefined ? whole.response : whole].flat()
  if (entries.length === 0) throw new FileError(fault('file.isEmpty', { file }))
  const isAlone = (entry: unknown) =>
    isRecord(entry) && !entry.Event && !entry.info && (entry.Attribute || entry.Object)
  if (entries.every(isAlone)) throw new FileError(fault('misp.noEvent', { file }))
  const { counts: unused, add } = countsByName()
  const records = entries.flatMap((entry, at): readonly IntakeRecord[] => {
    const event = isRecord(entry) && isRecord(entry.Event) ? entry.Event : entry
    return isRecord(event)
      ? (ownRecords(event, options) ?? [recordOf(event, options, add)])
      : [{ reject: rejectOf(written(entry), { file, path: `[${at}]`, fault: fault('stix.object') }) }]
  })
  return {
    records,
    noted: Object.entries(unused).map(([type, count]) => ({ what: fault('misp.left', { type }), count })),
  }
}

const recordOf = (event: Part, options: IntakeOptions, leave: (type: string, count: number) => void): IntakeRecord => {
  const uuid = mispText(event.uuid)?.toLowerCase() ?? ''
  const id = `misp-${uuid}`
  const reject = (path: string, reason: Fault): IntakeRecord => ({
    reject: rejectOf(written(event), { file: options.file, id, path, fault: reason }),
  })
  if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(uuid)) return reject('uuid', fault('misp.uuid'))
  const title = mispText(event.info)
  if (title === undefined) return reject('info', fault('stix.noName', { type: 'event' }))
  const parts = [event, ...live(event.Object)].flatMap((holder) => [holder, ...live(holder.Attribute)])
  const observed =
    observedIn(parts) ?? observedIn([{ first_seen: `${mispText(event.date)}T00:00:00Z` }]) ?? options.observed
  if (!observed) return reject('date', fault('stix.noTime', { type: 'event' }))

  const gathered = nothingGathered()
  for (const holder of [event, ...live(event.Object)]) {
    for (const one of live(holder.Attribute)) {
      if (!readAttribute(one, mispText(holder.name) ?? '', gathered))
        leave(oneLine(mispText(one.type) ?? 'attribute', 60), 1)
    }
  }
  const [tags = [], ...others] = parts.map(tagsOf)
  const clusters = clustersIn(parts, [...tags, ...others.flat()])
  const named = (galaxies: RegExp) => clusters.flatMap(({ type, value }) => (galaxies.test(type) ? value : []))
  const places = named(/^(?:target-information|country|region)$/)
  const { found, unread } = placesAmong<TerritoryAssignmentInput>(places, readPlaceName)
  if (unread.length > 0) options.note?.(fault('stix.placeOutside'), unread.length)

  const { name, uuid: author } = isRecord(event.Orgc) ? event.Orgc : { name: undefined, uuid: undefined }
  const organisation = oneLine(mispText(name) ?? '', 128)
  const attributedBy = organisation || attributedByBundle()
  const [summary] = live(event.EventReport).flatMap(({ content }) => firstParagraph(mispText(content) ?? '') || [])
  const [actor, modus] = [named(/threat-actor$|activity-group$/), named(/intrusion-set$/)].map(joined)
  const own = tags.flatMap(tlpOf)
  const marking = strictest([...(own.length > 0 ? own : (['TLP:AMBER'] as const)), ...others.flat().flatMap(tlpOf)])
  const stated = (scale: string, values: string) =>
    tags.flatMap((tag) => new RegExp(`^${scale}="?(${values})"?$`, 'i').exec(tag)?.[1] ?? [])[0]
  const level = stated('estimative-language:confidence-in-analytic-judge?ment', 'low|moderate|high')
  const reliability = stated('admiralty-scale:source-reliability', '[a-f]')
  const credibility = stated('admiralty-scale:information-credibility', '[1-6]')
  const result = readDetection({
    id,
    detector: { name: organisation || 'MISP' },
    kind: 'other',
    title: oneLine(title, 2_000),
    ...(summary && { summary }),
    territories: found,
    observed,
    platforms: [...gathered.platforms, ...named(/^online-service$/).flatMap(platformsIn)],
    ...(gathered.accounts.size > 0 && { accountRefs: [...gathered.accounts].sort() }),
    ...(actor && { actor: { name: actor, attributedBy } }),
    ...(modus && { modusOperandi: { name: modus, attributedBy } }),
    techniques: [...new Map(clusters.flatMap(techniquesIn).map((one) => [one.id, one])).values()],
    hashtags: [...gathered.hashtags].sort(),
    indicators: sortedValues(gathered.indicators),
    evidence: linkedEvidence(gathered),
    ...(level && { confidence: { level: level.toLowerCase(), ...(organisation && { source: organisation }) } }),
    ...(reliability && { reliability: reliability.toUpperCase() }),
    ...(credibility && { credibility: Number(credibility) }),
    marking,
    markingSource: own.length > 0 || marking !== 'TLP:AMBER' ? 'stated' : 'default',
  })
  return 'refusal' in result
    ? reject(result.refusal.path, result.refusal)
    : { detection: result.detection, author: mispText(author) === undefined ? null : `identity--${author}` }
}

/**
 * Reads the detections that Vigie wrote; undefined where it wrote none. A marking is never below that of its attribute
 * and object, nor below the event's if that was raised or the attribute has none.
 */
const ownRecords = (event: Part, { file, note }: IntakeOptions): readonly IntakeRecord[] | undefined => {
  const [ofEvent = [], ...tags] = [event, ...live(event.Attribute)].map((part) => tagsOf(part).flatMap(tlpOf))
  const all = live(event.Attribute).flatMap((part, at) => {
    const piece = mispWordsOf(mispText(part.comment) ?? '')
    return piece ? [{ ...piece, value: mispText(part.value) ?? '', marked: tags[at] ?? [] }] : []
  })
  if (all.length === 0) return undefined
  note?.(fault('misp.own'), 1)
  const stated = strictest(ofEvent.length > 0 ? ofEvent : ['TLP:AMBER'])
  // Their comments name the detections that have them.
  const shown = [...live(event.Attribute), ...live(event.Object)].flatMap((part) => {
    const marked = [part, ...live(part.Attribute)].flatMap(tagsOf).flatMap(tlpOf)
    return (mispText(part.comment) ?? '').split(', ').flatMap((id) => marked.map((marking) => ({ id, marking })))
  })
  const shownBy = Map.groupBy(shown, ({ id }) => id)
  const found = [...Map.groupBy(all, ({ what, about }) => `${what} ${about}`).values()].flatMap((group) => {
    const [first, ...others] = group.toSorted((a, b) => a.at - b.at)
    if (!first) return []
    // MISP keeps the surplus attributes of an earlier version.
    const pieces = [first, ...others.filter((one) => one.of === first.of)]
    const isWhole = pieces.length === first.of && pieces.every((one, at) => one.at === at)
    const marking = strictest(pieces.flatMap(({ marked }) => (marked.length > 0 ? marked : [stated])))
    return [{ ...first, words: isWhole ? joinedWords(pieces.map(({ value }) => value)) : undefined, marking }]
  })
  const head = found.find(({ what }) => what === 'report')
  const report = head?.words
  const least = [stated, ...(head ? [head.marking] : [])].filter(
    (one) => !report || !fitsUnder(one, closedMarking(report.marking)),
  )
  const raised = found.map((one) => ({ ...one, words: one.words ?? {}, marking: strictest([one.marking, ...least]) }))
  const links = raised.filter(({ what }) => what === 'attribution')
  const chains = Map.groupBy(
    links.sort((a, b) => Number(a.words.at) - Number(b.words.at)),
    ({ words }) => words.detection,
  )
  const current = report && new Set(textsOf(report.detections))
  return raised.flatMap(({ what, about: id, words, marking }): readonly IntakeRecord[] => {
    if (what !== 'detection' || current?.has(id) === false) return []
    const indicators = recordsOf(words.indicators).map((one) => ({ ...one, value: refang(mispText(one.value) ?? '') }))
    const lowest = strictest([marking, ...(shownBy.get(id) ?? []).map((one) => one.marking)])
    const result = readOwn({ words, marking: lowest }, chains.get(id) ?? [], indicators)
    if (!('refusal' in result)) return [{ detection: result.detection }]
    const { refusal } = result
    return [{ reject: rejectOf(written(words), { file, id, path: refusal.path, fault: refusal }) }]
  })
}

const joinedWords = (pieces: readonly string[]): Part | undefined => {
  try {
    const words: unknown = JSON.parse(pieces.map((piece) => String(JSON.parse(piece))).join(''))
    return isRecord(words) ? words : undefined
  } catch {
    return undefined
  }
}

const live = (list: unknown): readonly Part[] => recordsOf(list).filter(({ deleted }) => !isTrue(deleted))

/** An index of events has its tags one level deeper. */
const tagsOf = ({ Tag: tags, EventTag: indexed }: Part): readonly string[] =>
  [tags, recordsOf(indexed).map(({ Tag: tag }) => tag)].flatMap(recordsOf).flatMap(({ name }) => mispText(name) ?? [])

/** A tag of another form counts as RED unless it names a colour. */
const tlpOf = (tag: string) => {
  const [colour = tag] = /clear|white|green|amber[+ _-]strict|amber/i.exec(tag) ?? []
  return /tlp|traffic.?light/i.test(tag) ? [closedMarking(/red/i.test(tag) ? 'red' : colour)] : []
}

const clustersIn = (parts: readonly Part[], tags: readonly string[]): readonly Cluster[] => {
  const clusters = parts.flatMap(({ Galaxy: all }) => recordsOf(all)).flatMap((one) => recordsOf(one.GalaxyCluster))
  const metas = new Map(clusters.map(({ tag_name: tag, meta }) => [mispText(tag) ?? '', meta]))
  return [...new Set([...tags, ...metas.keys()])].flatMap((tag) => {
    const [, type, value] = /^misp-galaxy:([^=]+)="(.+)"$/.exec(tag) ?? []
    return type === undefined || value === undefined ? [] : { type, value, meta: metas.get(tag) }
  })
}

const joined = (names: readonly string[]): string => oneLine([...new Set(names)].sort().join(' / '))
