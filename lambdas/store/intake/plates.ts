/** Evidence images, by hash. Only removing the picture changes a record. */
import { closedMarking } from '../../domain/core/marking.ts'
import { type Plate, plateSchema } from '../../domain/plate/plate.ts'
import { removalReason } from '../../domain/plate/retention.ts'
import { type Line, lineOf, writeAct } from '../table/history.ts'
import { plateKey, platesPartition } from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'

export type Plates = {
  add(plate: Plate): Promise<boolean>
  named(hashes: readonly string[]): Promise<readonly Plate[]>
  /** Permanent; false where the record has changed. */
  remove(plate: Plate, removed: NonNullable<Plate['removed']>): Promise<boolean>
  /** Sorted by hash. */
  list(): Promise<readonly Plate[]>
}

export const platesIn = (table: Table): Plates => ({
  add: (plate) => {
    const { sha256: id, marking, addedAt: at, by } = plate
    const line = lineOf({ at, did: 'added', by, id, of: 'plate', marking })
    return writeAct(table, itemOf(plate), { expression: 'attribute_not_exists(pk)' }, line)
  },
  named: async (hashes) => {
    const found = await table.getAll([...new Set(hashes)].map(plateKey))
    return found.map(plateIn)
  },
  remove: async (plate, removed) =>
    writeAct(
      table,
      // Lets a concurrent change of its texts detect the removal.
      { ...itemOf({ ...plate, removed }), resolvedAt: removed.at },
      {
        expression: 'addedAt = :added AND attribute_not_exists(resolvedAt)',
        values: { ':added': plate.addedAt },
      },
      removalLine(plate, removed),
    ),
  list: async () => Array.fromAsync(table.query(platesPartition), plateIn),
})

const removalLine = ({ sha256: id, marking }: Plate, removed: NonNullable<Plate['removed']>): Line => {
  const about = { at: removed.at, by: removed.by, reason: removalReason(removed), marking }
  return lineOf({ did: 'forgotten', id, of: 'plate', ...about }, id.slice(0, 8))
}

const itemOf = (plate: Plate): Item => ({ ...plateKey(plate.sha256), ...plate })

const plateIn = ({ pk: _, sk: __, resolvedAt: ___, ...plate }: Item): Plate =>
  plateSchema.parse({ ...plate, marking: closedMarking(plate.marking) })
