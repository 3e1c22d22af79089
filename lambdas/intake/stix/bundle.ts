import { type Fault, fault, faultOfThrown, quoted } from '../../domain/core/fault.ts'
import { isRecord, parseJson } from '../../domain/core/text/parse-json.ts'
import { FileError } from '../record/file-error.ts'
import { type IntakeOptions, type IntakeRecord, rejectOf } from '../record/record.ts'
import { instantOf, type StixObject, type Web, written } from './objects.ts'

/** Also of a plain list of objects. @throws FileError where the text is no bundle with objects */
export const objectsOf = (text: string, file: string): readonly unknown[] => {
  const bundle = parsed(text, file)
  if (Array.isArray(bundle) && bundle.some(isRecord)) return bundle
  if (!isRecord(bundle)) throw new FileError(fault('stix.noObject', { file }))
  if (bundle.type !== 'bundle') {
    throw new FileError(
      typeof bundle.type === 'string'
        ? fault('stix.notBundle', { file, type: quoted(bundle.type) })
        : fault('stix.noBundleType', { file }),
    )
  }
  if (bundle.objects === undefined) throw new FileError(fault('stix.noObjects', { file }))
  if (!Array.isArray(bundle.objects)) throw new FileError(fault('stix.objectsArray', { file }))
  return bundle.objects
}

export const parsed = (text: string, file: string): unknown => {
  const json = text.replace(/^\uFEFF/, '')
  if (json.trim() === '') throw new FileError(fault('file.isEmpty', { file }))
  try {
    return parseJson(json)
  } catch (cause) {
    const reason = faultOfThrown(cause)
    const lines = json.slice(0, Number(reason.values?.position ?? json.length)).split('\n')
    const values = { file, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, reason }
    throw new FileError(fault(reason.code === 'json.ends' ? 'file.jsonCut' : 'file.notJson', values), { cause })
  }
}

/** Returns the newest version of each object by id. Objects without id or type are rejects. */
export const identified = (entries: readonly unknown[], { file }: IntakeOptions, note: Web['note']) => {
  const objects = new Map<string, StixObject>()
  const rejects: IntakeRecord[] = []
  for (const [index, entry] of entries.entries()) {
    const wrong = isRecord(entry) ? misnamed(entry) : { field: '', fault: fault('stix.object') }
    if (wrong) {
      const path = `objects[${index}]${wrong.field && `.${wrong.field}`}`
      const id = isRecord(entry) && typeof entry.id === 'string' ? { id: entry.id.slice(0, 256) } : {}
      rejects.push({ reject: rejectOf(written(entry), { file, ...id, path, fault: wrong.fault }) })
      continue
    }
    const object = entry as StixObject
    const other = objects.get(object.id)
    if (other) note(fault('stix.olderVersion'), `${object.id} ${index}`)
    objects.set(object.id, other ? newer(other, object) : object)
  }
  return { objects, rejects }
}

const misnamed = (entry: Record<string, unknown>): { field: string; fault: Fault } | undefined => {
  const { id, type } = entry
  if (typeof type !== 'string' || !/^[a-z][a-z0-9-]{1,249}$/.test(type)) {
    return { field: 'type', fault: fault('stix.type') }
  }
  if (typeof id !== 'string' || !id.startsWith(`${type}--`) || id.length > 128) {
    return { field: 'id', fault: fault('stix.id', { type }) }
  }
  return undefined
}

/** Returns the later `modified`. The text breaks ties, so that file order does not matter. */
const newer = (one: StixObject, two: StixObject): StixObject => {
  const [a, b] = [instantOf(one.modified) ?? 0, instantOf(two.modified) ?? 0]
  if (a !== b) return a > b ? one : two
  // Merged exports can differ in markings: both sets apply to equal versions.
  const refs = [one, two].flatMap(({ object_marking_refs: marks }) => (Array.isArray(marks) ? marks : []))
  const kept = written(one) > written(two) ? one : two
  return refs.length > 0 ? { ...kept, object_marking_refs: [...new Set(refs)].sort() } : kept
}
