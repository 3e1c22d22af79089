/** A table of DynamoDB's client on a dynalite of its own, for tests of what is stored. */
import { randomUUID } from 'node:crypto'
import { openTable } from '../../lambdas/store/table/table.dynamodb.ts'
import type { Table } from '../../lambdas/store/table/table.ts'
import { credentials, region, startDynamo } from './aws.ts'

export const openDynamoTable = async (): Promise<{ readonly table: Table; close(): Promise<void> }> => {
  const { table: server, close } = await startDynamo()
  const table = openTable({ endpoint: server.endpoint, region, credentials }, `table-${randomUUID()}`)
  await table.create()
  return {
    table,
    close: async () => {
      await table.close()
      await close()
    },
  }
}
