/** A stage's table as it was at a moment, restored by DynamoDB beside the one that works. */
import { setTimeout as pause } from 'node:timers/promises'
import {
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  RestoreTableToPointInTimeCommand,
} from '@aws-sdk/client-dynamodb'
import { systemClock } from '../../lambdas/config/clock.ts'
import { messageOf } from '../../lambdas/domain/core/thrown.ts'

type RestoredTable = {
  readonly name: string
  /** Waits until it can be read: minutes, an hour for a large one. @throws where DynamoDB gives up */
  ready(): Promise<void>
  remove(): Promise<void>
  close(): void
}

/** In the name of every table that a drill has made, so that no other is ever removed. */
const mark = '-drill-'
const askAgainMs = 10_000

/** @param at the instant; the latest that there is, where it is left out */
export const restoreTable = async (tableName: string, at?: string): Promise<RestoredTable> => {
  const client = new DynamoDBClient({})
  const name = `${tableName}${mark}${systemClock().toISOString().replace(/\D/g, '').slice(0, 14)}`
  try {
    await client.send(
      new RestoreTableToPointInTimeCommand({
        SourceTableName: tableName,
        TargetTableName: name,
        ...(at === undefined ? { UseLatestRestorableTime: true } : { RestoreDateTime: new Date(at) }),
      }),
    )
  } catch (cause) {
    client.destroy()
    const why = messageOf(cause)
    throw new Error(
      `${tableName} cannot be restored: ${why}. It takes dynamodb:RestoreTableToPointInTime on it, its recovery switched on (vigie doctor), and an instant within its days`,
      { cause },
    )
  }
  const ready = async (): Promise<void> => {
    for (;;) {
      const { Table } = await client.send(new DescribeTableCommand({ TableName: name }))
      if (Table?.TableStatus === 'ACTIVE') return
      if (Table?.TableStatus !== 'CREATING') throw new Error(`${name} is ${Table?.TableStatus}: see it in the console`)
      await pause(askAgainMs)
    }
  }
  return {
    name,
    ready,
    remove: async () => {
      await client.send(new DeleteTableCommand({ TableName: name }))
    },
    close: () => client.destroy(),
  }
}
