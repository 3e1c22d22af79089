/** Files that OpenCTI embeds in the objects of a bundle. */
import { fault, quoted } from '../../domain/core/fault.ts'
import { FileError } from '../record/file-error.ts'
import { oneLine } from '../text/one-line.ts'
import { objectsOf } from './bundle.ts'
import { isRecord, recordsOf, textOf } from './objects.ts'

/** @throws FileError where the bundle has no such file */
export const embeddedFile = (text: string, file: string, name: string): Uint8Array => {
  const all = filesOf(objectsOf(text, file))
  const found = all.find((one) => one.name === name)
  if (found) return Buffer.from(found.data, 'base64')
  const values = { file, name: quoted(name), count: all.length, names: quoted(all.map((one) => one.name)) }
  throw new FileError(fault('stix.noEmbeddedFile', values))
}

export const embeddedTables = (text: string, file: string): readonly string[] => {
  try {
    return filesOf(objectsOf(text, file)).flatMap(({ name }) => (isTable(name) ? name : []))
  } catch {
    return [] // the reader reports the fault
  }
}

/** @param set the only set of accounts, to which a table of accounts may belong */
export const embeddedNotes = (objects: Iterable<unknown>, set = 'none') =>
  filesOf(objects).map(({ name, data }) => {
    const kilobytes = Math.ceil((data.length * 3) / 4 / 1024)
    const what = isTable(name)
      ? fault('stix.embeddedTable', { sheet: quoted(name), kilobytes, set })
      : fault('stix.embeddedFile', { name: quoted(name), kilobytes })
    return { what, count: 1 }
  })

const isTable = (name: string): boolean => /\.(?:csv|tsv|xlsx)$/i.test(name)

/** By name; the last of equal names. */
const filesOf = (objects: Iterable<unknown>) => {
  const files = [...objects]
    .filter(isRecord)
    .flatMap((object) => [object, ...Object.values(isRecord(object.extensions) ? object.extensions : {})])
    .flatMap((holder) => (isRecord(holder) ? [holder.x_opencti_files, holder.files] : []))
    .flatMap(recordsOf)
    .flatMap(({ name, data }) => {
      const called = oneLine(textOf(name) ?? '', 128)
      return called !== '' && typeof data === 'string' ? [{ name: called, data }] : []
    })
  return [...new Map(files.map((one) => [one.name, one])).values()]
}
