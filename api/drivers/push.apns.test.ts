import { pushContract } from '../../schema/ports/push.contract.ts';
import { openApnsWorld } from '../test/push/apns-world.ts';

pushContract('apns', openApnsWorld);
