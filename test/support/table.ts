/** The embedded table on a folder of its own, for tests of what is stored. */
import { openHome } from '../../lambdas/local/home.ts'
import { openTable, type Table } from '../../lambdas/store/table.ts'
import { newFolder } from './cli.ts'

export const openTestTable = async (): Promise<{ readonly table: Table; close(): Promise<void> }> => {
  const { folder, remove } = await newFolder()
  const home = await openHome(folder)
  const table = openTable(home.dynamo, home.tableName)
  await table.create()
  return {
    table,
    close: async () => {
      table.close()
      await home.close()
      await remove()
    },
  }
}
