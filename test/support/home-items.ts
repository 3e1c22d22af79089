/** A plain table and plain items for the tests of the home: what is stored matters less than that all of it is. */
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb'

/** Makes the table, or finds it made. */
export const makeTable = async (client: DynamoDBClient, tableName: string): Promise<void> => {
  try {
    await client.send(
      new CreateTableCommand({
        TableName: tableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    )
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error
  }
}

/** Puts an item of 1 KB that must not be there yet. */
export const putOnce = async (
  client: DynamoDBClient,
  tableName: string,
  partition: string,
  number: number,
): Promise<'written' | 'already-there'> => {
  try {
    await client.send(
      new PutItemCommand({
        TableName: tableName,
        Item: { pk: { S: partition }, sk: { S: String(number).padStart(6, '0') }, text: { S: 'x'.repeat(1000) } },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    )
    return 'written'
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'already-there'
    throw error
  }
}

/** The numbers of a partition's items, in order. */
export const numbersIn = async (client: DynamoDBClient, tableName: string, partition: string): Promise<number[]> => {
  const numbers: number[] = []
  const query = {
    TableName: tableName,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: partition } },
  }
  for await (const page of paginateQuery({ client }, query)) {
    for (const item of page.Items ?? []) numbers.push(Number(item.sk?.S))
  }
  return numbers
}
