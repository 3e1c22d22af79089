/** The embedded table on a folder of its own, for tests of what is stored. */
import { openHome } from '../../lambdas/store/embedded/home.ts'
import type { Table } from '../../lambdas/store/table/table.ts'
import { newFolder } from './cli.ts'

export const openTestTable = async (): Promise<{ readonly table: Table; close(): Promise<void> }> => {
  const { folder, remove } = await newFolder()
  const home = await openHome(folder)
  return {
    table: home.table,
    close: async () => {
      await home.close()
      await remove()
    },
  }
}
