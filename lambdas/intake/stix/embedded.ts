/** Files that OpenCTI embeds in the objects of a bundle. */
import { fault, quoted } from '../../domain/core/fault.ts'
import { fitsUnder, strictest } from '../../domain/core/marking.ts'
import { isRecord } from '../../domain/core/text/parse-json.ts'
import { FileError } from '../record/file-error.ts'
import { oneLine } from '../text/one-line.ts'
import { objectsOf } from './bundle.ts'
import { webOf } from './graph.ts'
import { markingOf } from './markings.ts'
import { recordsOf, type StixObject, textOf } from './objects.ts'

/** @throws FileError where the bundle has no such file, or marks it above AMBER, which the file itself would lose */
export const embeddedFile = (text: string, file: string, name: string): Uint8Array => {
  const objects = objectsOf(text, file).filter(isRecord) as StixObject[]
  const all = filesOf(objects)
  const found = all.find((one) => one.name === name)
  if (found) {
    const web = webOf(new Map(objects.map((one) => [one.id, one])), () => {})
    const marking = strictest(all.flatMap((one) => (one.name === name ? markingOf(one.holder, web).marking : [])))
    if (fitsUnder(marking, 'TLP:AMBER')) return Buffer.from(found.data, 'base64')
    throw new FileError(fault('stix.embeddedMarked', { file, name: quoted(name), marking }))
  }
  const values = { file, name: quoted(name), count: all.length, names: quoted(all.map((one) => one.name)) }
  throw new FileError(fault('stix.noEmbeddedFile', values))
}

/** @param set the only set of accounts, to which a table of accounts may belong */
export const embeddedNotes = (objects: Iterable<StixObject>, set = 'none') =>
  filesOf(objects).map(({ name, data }) => {
    const kilobytes = Math.ceil((data.length * 3) / 4 / 1024)
    const what = isTable(name)
      ? fault('stix.embeddedTable', { name: quoted(name), kilobytes, set })
      : fault('stix.embeddedFile', { name: quoted(name), kilobytes })
    return { what, count: 1 }
  })

const isTable = (name: string): boolean => /\.(?:csv|tsv|xlsx)$/i.test(name)

const filesOf = (objects: Iterable<StixObject>) =>
  [...objects].flatMap((holder) =>
    [holder, ...Object.values(isRecord(holder.extensions) ? holder.extensions : {})]
      .flatMap((part) => (isRecord(part) ? [part.x_opencti_files, part.files] : []))
      .flatMap(recordsOf)
      .flatMap(({ name, data }) => {
        const called = oneLine(textOf(name) ?? '', 128)
        return called !== '' && typeof data === 'string' ? [{ name: called, data, holder }] : []
      }),
  )
