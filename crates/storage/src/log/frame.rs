//! Frames: `length u32 | crc32 u32 | kind u8 | payload`, little endian. Length and CRC are those of kind and payload.

use super::LogError;

/// Length and CRC.
const HEADER: usize = 8;
/// No frame is longer; a longer length is damage.
const MAX_LEN: usize = 1 << 30;

/// An intact frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) kind: u8,
    pub(crate) payload: &'a [u8],
    /// Bytes of the frame with its header.
    pub(crate) size: usize,
}

/// Appends a frame whose payload `write` appends. On failure `out` is unchanged.
pub(crate) fn write_frame(
    out: &mut Vec<u8>,
    kind: u8,
    write: impl FnOnce(&mut Vec<u8>),
) -> Result<(), LogError> {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER]);
    out.push(kind);
    write(out);
    let body = start + HEADER;
    let len = out.len() - body;
    if len > MAX_LEN {
        out.truncate(start);
        return Err(LogError::TooLarge { len });
    }
    let crc = crc32fast::hash(&out[body..]);
    out[start..start + 4].copy_from_slice(&(len as u32).to_le_bytes());
    out[start + 4..body].copy_from_slice(&crc.to_le_bytes());
    Ok(())
}

/// The frame at the beginning of `bytes`, or what is wrong with it.
pub(crate) fn read_frame(bytes: &[u8]) -> Result<Frame<'_>, &'static str> {
    let (len, rest) = bytes
        .split_first_chunk::<4>()
        .ok_or("the record's length is cut short")?;
    let (crc, rest) = rest
        .split_first_chunk::<4>()
        .ok_or("the record's CRC is cut short")?;
    let len = u32::from_le_bytes(*len) as usize;
    if len == 0 || len > MAX_LEN {
        return Err("the record's length is impossible");
    }
    let body = rest.get(..len).ok_or("the record is cut short")?;
    if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
        return Err("the record's CRC is wrong");
    }
    let (kind, payload) = body.split_first().ok_or("the record is empty")?;
    Ok(Frame {
        kind: *kind,
        payload,
        size: HEADER + len,
    })
}

/// The offset of the first intact frame at or after `from` that `accept` takes.
///
/// `plausible` is asked first with the kind and the payload's first byte, since a CRC over what merely looks like a
/// length is dear.
pub(crate) fn find_frame(
    bytes: &[u8],
    from: usize,
    plausible: impl Fn(u8, u8) -> bool,
    accept: impl Fn(Frame<'_>) -> bool,
) -> Option<usize> {
    (from..bytes.len().saturating_sub(HEADER + 1)).find(|&at| {
        let rest = &bytes[at..];
        plausible(rest[HEADER], rest[HEADER + 1]) && read_frame(rest).is_ok_and(&accept)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn frames_come_back_and_damage_is_found(
            kind: u8, payload in prop::collection::vec(any::<u8>(), 0..100),
            at in any::<prop::sample::Index>(), bit in 0u8..8,
        ) {
            let mut out = vec![1, 2, 3];
            write_frame(&mut out, kind, |out| out.extend_from_slice(&payload)).unwrap();
            let mut bytes = out.split_off(3);
            let size = bytes.len();
            prop_assert_eq!(read_frame(&bytes), Ok(Frame { kind, payload: &payload, size }));
            for len in 0..size {
                prop_assert!(read_frame(&bytes[..len]).is_err());
            }
            bytes[at.index(size)] ^= 1 << bit;
            prop_assert!(read_frame(&bytes).is_err());
        }
    }

    #[test]
    fn an_intact_frame_is_found_behind_damage() {
        let mut bytes = vec![9; 40];
        write_frame(&mut bytes, 7, |out| out.extend_from_slice(b"xyz")).unwrap();
        bytes.extend_from_slice(&[0; 5]);
        assert_eq!(
            find_frame(
                &bytes,
                1,
                |kind, first| kind == 7 && first == b'x',
                |_| true
            ),
            Some(40)
        );
        assert_eq!(find_frame(&bytes, 41, |_, _| true, |_| true), None);
    }
}
