/** The table on the laptop's store, and on the server that the end-to-end tests use. */
import { randomUUID } from 'node:crypto'
import { openTable } from '../../lambdas/store/table.ts'
import { credentials, region, startDynamo } from '../support/aws.ts'
import { memoryTable } from '../support/memory-table.ts'
import { openTestTable } from '../support/table.ts'
import { tableContract } from './table-contract.ts'

tableContract('the laptop’s store', openTestTable)

tableContract('the table in memory', async () => ({ table: memoryTable(), close: async () => {} }))

tableContract('dynalite as a server', async () => {
  const { table: server, close } = await startDynamo()
  const table = openTable({ endpoint: server.endpoint, region, credentials }, `table-${randomUUID()}`)
  await table.create()
  return {
    table,
    close: async () => {
      table.close()
      await close()
    },
  }
})
