/** Builders of small STIX bundles: every object gets an id that follows from its type and name. */
import { createHash } from 'node:crypto'
import { faultText } from '../../lambdas/domain/core/fault-text.ts'
import type { Fault } from '../../lambdas/domain/core/fault.ts'
import { countsByName } from '../../lambdas/intake/record/counts.ts'

export type Built = { readonly type: string; readonly id: string; readonly [field: string]: unknown }

export const stixId = (type: string, name: string): string => {
  const hex = createHash('sha256').update(`${type} ${name}`).digest('hex')
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)]
  return `${type}--${uuid.join('-')}`
}

/** An object of any type; the name goes where that type keeps it, unless `fields` say otherwise. */
export const stixObject = (type: string, name: string, fields: Record<string, unknown> = {}): Built => ({
  type,
  spec_version: '2.1',
  id: stixId(type, name),
  created: '2024-03-01T09:00:00.000Z',
  modified: '2024-03-01T09:00:00.000Z',
  ...(['domain-name', 'url', 'ipv4-addr', 'ipv6-addr', 'email-addr', 'text'].includes(type)
    ? { value: name }
    : { name }),
  ...fields,
})

/** A campaign that says when it was seen, so that it becomes a detection. */
export const campaign = (name: string, fields: Record<string, unknown> = {}): Built =>
  stixObject('campaign', name, {
    first_seen: '2023-09-04T06:30:00.000Z',
    last_seen: '2024-02-10T18:00:00.000Z',
    ...fields,
  })

export const technique = (id: string, name: string, fields: Record<string, unknown> = {}): Built =>
  stixObject('attack-pattern', name, {
    kill_chain_phases: [{ kill_chain_name: 'disarm', phase_name: 'develop-content' }],
    external_references: [{ source_name: 'mitre-attack', external_id: id }],
    ...fields,
  })

export const relation = (from: Built, type: string, to: Built, fields: Record<string, unknown> = {}): Built =>
  stixObject('relationship', `${from.id} ${type} ${to.id}`, {
    name: undefined,
    relationship_type: type,
    source_ref: from.id,
    target_ref: to.id,
    ...fields,
  })

export const report = (name: string, holds: readonly Built[], fields: Record<string, unknown> = {}): Built =>
  stixObject('report', name, {
    published: '2024-03-27T09:48:32.000Z',
    object_refs: holds.map(({ id }) => id),
    ...fields,
  })

/** The ids that TLP 1 and OpenCTI give. */
export const tlp = {
  white: 'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9',
  green: 'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da',
  amber: 'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82',
  red: 'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed',
} as const

export const marked = (...ids: readonly string[]): { readonly object_marking_refs: readonly string[] } => ({
  object_marking_refs: ids,
})

export const bundle = (...objects: readonly unknown[]): string =>
  JSON.stringify({ type: 'bundle', id: stixId('bundle', 'test'), objects })

type Note = { readonly what: Fault; readonly count: number }

/** What a reader noted: used and unused objects by type, and all notes, with the reasons of unused objects. */
export const noticed = (notes: readonly Note[]) => {
  const sumOf = (some: readonly Note[], nameOf: (what: Fault) => string) => {
    const { counts, add } = countsByName()
    for (const { what, count } of some) add(nameOf(what), count)
    return counts
  }
  const ofCode = (code: Fault['code']) => notes.filter(({ what }) => what.code === code)
  const typeIn = ({ values }: Fault) => String(values?.type)
  const others = notes.flatMap(({ what, count }): Note[] => {
    if (what.code === 'stix.kept') return []
    const reason = what.code === 'stix.left' ? (what.values?.reason as Fault) : what
    return /^stix\.left[A-Z]/.test(reason.code) ? [] : [{ what: reason, count }]
  })
  return {
    used: sumOf(ofCode('stix.kept'), typeIn),
    unused: sumOf(ofCode('stix.left'), typeIn),
    noted: sumOf(others, faultText),
  }
}
