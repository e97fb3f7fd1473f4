-- How far everybody has read and received: counters of members, as a projection of the log up to one place per channel.

-- Which deletion it was that counted: of two of one message, the first.
ALTER TABLE "message_state" ADD COLUMN "deleted_seq" BIGINT;
UPDATE "message_state" s SET "deleted_seq" = e."seq"
FROM (SELECT "channel_id", "ref_seq", min("seq") AS "seq" FROM "log_event" WHERE "kind" = 3 GROUP BY 1, 2) e
WHERE s."deleted_at" IS NOT NULL AND e."channel_id" = s."channel_id" AND e."ref_seq" = s."seq";

-- As before, and with the place of the deletion that counted.
CREATE OR REPLACE FUNCTION "apply_message_changes"(p_channel bigint, p_head bigint) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_change record;
  v_is_deleted boolean;
BEGIN
  FOR v_change IN
    SELECT e.seq, e.kind, e.ref_seq, e.body, e.created_at, m.kind AS target_kind
    FROM log_event e
    LEFT JOIN LATERAL (
      SELECT o.kind FROM log_event o WHERE o.channel_id = p_channel AND o.seq = e.ref_seq AND o.seq < e.seq LIMIT 1
    ) m ON true
    WHERE e.channel_id = p_channel AND e.seq > p_head AND e.kind IN (2, 3)
    ORDER BY e.seq
  LOOP
    IF v_change.target_kind IS DISTINCT FROM 1 THEN
      RAISE EXCEPTION 'seq % is not a message of channel %', v_change.ref_seq, p_channel USING ERRCODE = 'PA001';
    END IF;
    INSERT INTO message_state AS s (channel_id, seq, text, revision, edited_at, deleted_at, deleted_seq)
    VALUES (
      p_channel, v_change.ref_seq, CASE WHEN v_change.kind = 2 THEN v_change.body END, v_change.seq,
      CASE WHEN v_change.kind = 2 THEN v_change.created_at END,
      CASE WHEN v_change.kind = 3 THEN v_change.created_at END,
      CASE WHEN v_change.kind = 3 THEN v_change.seq END
    )
    ON CONFLICT (channel_id, seq) DO UPDATE SET
      revision = EXCLUDED.revision,
      text = CASE WHEN s.deleted_at IS NULL THEN EXCLUDED.text END,
      edited_at = CASE WHEN s.deleted_at IS NULL THEN coalesce(EXCLUDED.edited_at, s.edited_at) ELSE s.edited_at END,
      deleted_at = coalesce(s.deleted_at, EXCLUDED.deleted_at),
      deleted_seq = coalesce(s.deleted_seq, EXCLUDED.deleted_seq)
    RETURNING s.deleted_at IS NOT NULL INTO v_is_deleted;
    IF v_is_deleted THEN
      UPDATE log_event SET body = ''
      WHERE channel_id = p_channel AND seq = v_change.ref_seq AND body <> '';
      UPDATE log_event SET body = ''
      WHERE channel_id = p_channel AND ref_seq = v_change.ref_seq AND kind = 2 AND body <> '';
    END IF;
  END LOOP;
END
$$;
