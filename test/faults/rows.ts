/** All rows of the matrix, in the order in which they are run. */
import { actRows } from './acts.ts'
import { chromiumRows } from './chromium.ts'
import { clockRows } from './clock.ts'
import { diskRows } from './disk.ts'
import { killedRows } from './killed.ts'
import { plateRows } from './plates.ts'
import { readOnlyRows } from './read-only.ts'
import { roomRows } from './room.ts'
import type { Row } from './row.ts'
import { serviceRows } from './services.ts'
import { subjectRows } from './subjects.ts'
import { workerRows } from './workers.ts'

export const rows: readonly Row[] = [
  ...killedRows,
  ...diskRows,
  ...serviceRows,
  ...chromiumRows,
  ...clockRows,
  ...workerRows,
  ...readOnlyRows,
  ...plateRows,
  ...actRows,
  ...subjectRows,
  ...roomRows,
]
