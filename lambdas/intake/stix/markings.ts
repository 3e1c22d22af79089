/**
 * The TLP marking of STIX objects: stated, inherited from containers, or AMBER by default. Unreadable markings are RED.
 */
import { fault } from '../../domain/core/fault.ts'
import { pushAll } from '../../domain/core/lists.ts'
import { closedMarking, fitsUnder, type Marking, strictest } from '../../domain/core/marking.ts'
import { isRecord } from '../../domain/core/text/parse-json.ts'
import { containerTypes, recordsOf, type StixObject, textOf, textsOf, type Web } from './objects.ts'

type MarkingSource = 'stated' | 'container' | 'default'

type Marked = {
  readonly marking: Marking
  readonly source: MarkingSource
  readonly by: readonly StixObject[]
}

/** OASIS ids of TLP 1 and TLP 2.0, and OpenCTI's id of AMBER+STRICT. */
const knownMarkings: ReadonlyMap<string, Marking> = new Map(
  (
    [
      ['613f2e26-407d-48c7-9eca-b8e91df99dc9', 'TLP:CLEAR'], // TLP 1's WHITE
      ['34098fce-860f-48ae-8e50-ebd3cc5e41da', 'TLP:GREEN'],
      ['f88d31f6-486f-44da-b317-01333bde0b82', 'TLP:AMBER'],
      ['5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 'TLP:RED'],
      ['94868c89-83c2-464b-929b-a1a8aa3c8487', 'TLP:CLEAR'],
      ['bab4a63c-aed9-4cf5-a766-dfca5abac2bb', 'TLP:GREEN'],
      ['55d920b0-5e8b-4f79-9ee9-91f868d9b421', 'TLP:AMBER'],
      ['939a9414-2ddd-4d32-a0cd-375ea402b003', 'TLP:AMBER+STRICT'],
      ['e828b379-4e03-4974-9ac4-e53a884c97c1', 'TLP:RED'],
      ['826578e1-40ad-459f-bc73-ede076f81f37', 'TLP:AMBER+STRICT'],
    ] as const
  ).map(([uuid, marking]) => [`marking-definition--${uuid}`, marking]),
)

const tlp2Extension = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d'

/** Returns the strictest marking of all that a detection uses. Authors count only with a stated marking. */
export const markingOfAll = (
  seed: StixObject,
  used: ReadonlySet<string>,
  authors: readonly (StixObject | undefined)[],
  web: Web,
) => {
  const all = [...used].flatMap((id) => {
    const object = web.objects.get(id)
    return object ? [markingOf(object, web)] : []
  })
  for (const author of authors) {
    const marked = author && markingOf(author, web)
    if (marked?.source === 'stated') all.push(marked)
  }
  const marking = strictest(all.map((one) => one.marking))
  const own = markingOf(seed, web)
  const reasons = own.marking === marking ? [own] : all.filter((one) => one.marking === marking)
  const source = (['stated', 'container', 'default'] as const).find((s) => reasons.some((one) => one.source === s))
  const by = all.flatMap((one) => one.by)
  return {
    marking,
    source: source ?? 'default',
    containers: by.filter(({ type }) => containerTypes.has(type)),
    definitions: by.filter(({ type }) => type === 'marking-definition'),
  }
}

/** Returns an object's own marking, else that of its containers, else AMBER; never below its granular markings. */
export const markingOf = (object: StixObject, web: Web): Marked => {
  const base: Marked = markedBy(object.object_marking_refs, object, web) ??
    inherited(object, web) ?? { marking: 'TLP:AMBER', source: 'default', by: [] }
  // A granular entry without a reference is a language.
  const granular = recordsOf(object.granular_markings).filter(
    ({ marking_ref: ref, lang }) => ref !== undefined || lang === undefined,
  )
  const stricter =
    granular.length > 0 &&
    markedBy(
      granular.map(({ marking_ref: ref }) => ref),
      object,
      web,
    )
  if (!stricter || fitsUnder(stricter.marking, base.marking)) return base
  return { ...stricter, by: [...stricter.by, ...base.by] }
}

const inherited = (object: StixObject, web: Web): Marked | undefined => {
  const found: Marking[] = []
  const by: StixObject[] = []
  for (const container of web.containers.get(object.id) ?? []) {
    const marking = web.handed.get(container.id)
    if (!marking) continue
    found.push(marking)
    by.push(container)
    pushAll(by, markedBy(container.object_marking_refs, container, web)?.by ?? [])
  }
  return found.length > 0 ? { marking: strictest(found), source: 'container', by } : undefined
}

/** Passes markings from containers to contents, inherited ones too. Handles cycles. */
export const handOnMarkings = (web: Web): void => {
  const pending: StixObject[] = []
  for (const object of web.objects.values()) {
    const own = containerTypes.has(object.type) && markedBy(object.object_marking_refs, object, web)
    if (!own) continue
    web.handed.set(object.id, own.marking)
    pending.push(object)
  }
  const ownMarks = new Set(web.handed.keys())
  for (const outer of pending) {
    for (const ref of textsOf(outer.object_refs)) {
      const inner = web.objects.get(ref)
      if (!inner || !containerTypes.has(inner.type) || ownMarks.has(ref)) continue
      const before = web.handed.get(ref)
      const after = strictest([outer, inner].flatMap(({ id }) => web.handed.get(id) ?? []))
      if (after === before) continue
      web.handed.set(ref, after)
      pending.push(inner)
    }
  }
}

/** Returns the strictest TLP of the references; undefined where none is a TLP. */
const markedBy = (refs: unknown, object: StixObject, web: Web): Marked | undefined => {
  if (refs === undefined) return undefined
  const found: Marking[] = []
  const by: StixObject[] = []
  for (const ref of Array.isArray(refs) ? refs : [refs]) {
    const id = typeof ref === 'string' ? ref : ''
    const definition = web.objects.get(id)
    const stated = [knownMarkings.get(id), definition && tlpOf(definition)].filter((one) => one !== undefined)
    if (definition) by.push(definition)
    if (stated.length === 0 && !definition) {
      web.note(fault('stix.unknownMarking'), id || object.id)
      found.push('TLP:RED')
    }
    pushAll(found, stated)
  }
  return found.length > 0 ? { marking: strictest(found), source: 'stated', by } : undefined
}

/** Returns the TLP of a definition; undefined for licences, other statements and PAP; RED where unreadable. */
const tlpOf = (definition: StixObject): Marking | undefined => {
  const inner = isRecord(definition.definition) ? definition.definition : {}
  const extensions = isRecord(definition.extensions) ? definition.extensions : {}
  const extension = isRecord(extensions[tlp2Extension]) ? extensions[tlp2Extension] : {}
  const labels = [definition.name, definition.x_opencti_definition, inner.statement].filter((label) =>
    /^\s*TLP\b/i.test(textOf(label) ?? ''),
  )
  const statedLevels = [inner.tlp, extension.tlp_2_0, ...labels].filter((one) => one !== undefined)
  if (statedLevels.length > 0)
    return strictest(statedLevels.map((one) => closedMarking(typeof one === 'string' ? labelOf(one) : one)))
  const kind = (textOf(definition.x_opencti_definition_type) ?? textOf(definition.definition_type) ?? '').toLowerCase()
  return kind === 'statement' || kind === 'pap' ? undefined : 'TLP:RED'
}

const labelOf = (text: string): string =>
  text
    .trim()
    .replace(/^TLP[\s:_-]*/i, '')
    .replace(/^amber[\s_+-]+strict$/i, 'AMBER+STRICT')
