//! The bytes of a corpus → UTF-8, in whichever encoding it was saved.
//!
//! A mark at the beginning decides. Without one, lines that are not ASCII are looked at, as many as are telling: where
//! most of them are UTF-8 the file is, and single bytes that are not are damage, which is told line by line. Else it is
//! what XML declares, or what `ingest` would take it for (UTF-16, GB18030, Big5, windows-1252). A file that is none of
//! these throughout is refused with the first line that is UTF-8.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;

use crate::{
    error::{Error, Result},
    ingest::{detect_encoding, is_utf_32, utf_8_within, utf_32},
};

/// The bytes of lines outside ASCII that are looked at.
const SAMPLE: usize = 256 << 10;

/// The bytes at the beginning of a file that are looked at as they are: enough for UTF-16 to show.
const HEAD: usize = 64 << 10;

/// The treatment of bytes that are not valid UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Invalid {
    /// They come out as they are.
    Kept,
    /// U+FFFD comes out.
    Replaced,
}

/// Opens a file; what comes out is UTF-8, without a mark at its beginning.
pub(super) fn open(path: &Path, invalid: Invalid) -> Result<BufReader<impl Read + use<>>> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::IsADirectory => Error::Directory { path: path.display().to_string() },
        _ => Error::read(path, source),
    };
    let mut file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    // What cannot be read twice is not looked at.
    let encoding = if metadata.is_file() { detect(path, &mut file)? } else { None };
    let mut decoder = DecodeReaderBytesBuilder::new();
    decoder.bom_sniffing(true).strip_bom(true);
    match (encoding, invalid) {
        (Some(encoding), _) => decoder.encoding(Some(encoding)).bom_override(true),
        (None, Invalid::Kept) => decoder.utf8_passthru(true),
        (None, Invalid::Replaced) => decoder.encoding(Some(UTF_8)).bom_override(true),
    };
    Ok(BufReader::new(decoder.build(file)))
}

/// The encoding of a file that is not UTF-8 and has no mark. The file is as if nothing had been read.
fn detect(path: &Path, file: &mut File) -> Result<Option<&'static Encoding>> {
    let failed = |source| Error::read(path, source);
    let mut reader = BufReader::with_capacity(HEAD, &mut *file);
    if is_utf_32(reader.fill_buf().map_err(failed)?) {
        return Err(utf_32(&path.display().to_string()));
    }
    let encoding = look(&mut reader).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    if let Some(encoding) = encoding {
        let utf_8 = first_utf_8(&mut BufReader::with_capacity(HEAD, &mut *file), encoding).map_err(failed)?;
        if let Some((line, offset)) = utf_8 {
            let path = path.display().to_string();
            return Err(Error::Encodings { path, encoding: encoding.name(), line, offset });
        }
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
    }
    Ok(encoding)
}

/// The first stretch of UTF-8 in a file of another encoding: its line and its place.
fn first_utf_8(file: &mut impl BufRead, encoding: &'static Encoding) -> io::Result<Option<(usize, usize)>> {
    let (mut number, mut at, mut line) = (1, 0, Vec::new());
    loop {
        line.clear();
        if file.take(SAMPLE as u64).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if let Some(within) = utf_8_within(encoding, &line) {
            return Ok(Some((number, at + within)));
        }
        number += usize::from(line.ends_with(b"\n"));
        at += line.len();
    }
}

fn look(file: &mut impl BufRead) -> io::Result<Option<&'static Encoding>> {
    let head = file.fill_buf()?;
    if Encoding::for_bom(head).is_some() {
        return Ok(None);
    }
    if head.contains(&0) {
        let whole = &head[..head.len() & !1];
        return Ok(detect_encoding("", whole).ok().filter(|&it| it == UTF_16LE || it == UTF_16BE));
    }
    let declared = declared(head);
    let (mut sample, mut valid, mut invalid, mut line) = (Vec::new(), 0, 0, Vec::new());
    while sample.len() < SAMPLE {
        line.clear();
        if file.take(SAMPLE as u64).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if !line.is_ascii() {
            *(if str::from_utf8(&line).is_ok() { &mut valid } else { &mut invalid }) += 1;
            sample.extend_from_slice(&line);
        }
    }
    if invalid <= valid {
        return Ok(None);
    }
    Ok(declared.or_else(|| detect_encoding("", &sample).ok()).filter(|&it| it != UTF_8))
}

/// What the declaration of XML says, where it is an encoding in which ASCII is ASCII.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head = str::from_utf8(&head[..head.iter().position(|&byte| byte == b'>')?]).ok()?;
    let (_, after) = head.strip_prefix("<?xml")?.split_once("encoding")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Encoding::for_label(value[1..].split(quote).next()?.as_bytes()).filter(|it| it.is_ascii_compatible())
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, GB18030, GBK, WINDOWS_1252};

    use super::*;

    const SIMPLIFIED: &str = "今天下午，两国代表在北京签署了合作协议。\tThey signed it.\n";

    fn found(bytes: &[u8]) -> Option<&'static Encoding> {
        look(&mut BufReader::with_capacity(HEAD, bytes)).unwrap()
    }

    fn utf_16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn an_encoding_shows_in_the_lines_beyond_ascii() {
        let ascii = "Nothing but English.\n".repeat(20_000);
        let late = [ascii.as_bytes(), &GBK.encode(SIMPLIFIED).0].concat();
        assert_eq!(found(&late), Some(GB18030));
        assert_eq!(found(&BIG5.encode("今天下午，兩國代表在臺北簽署了合作協議。\n").0), Some(BIG5));
        assert_eq!(found(&WINDOWS_1252.encode("It’s a “café” – the résumé… is ready.\n").0), Some(WINDOWS_1252));
        assert_eq!(found(&utf_16(SIMPLIFIED)), Some(UTF_16LE));
        for utf_8 in [&b""[..], SIMPLIFIED.as_bytes(), ascii.as_bytes(), b"\xef\xbb\xbfa", b"\xff\xfea\0"] {
            assert_eq!(found(utf_8), None);
        }
    }

    #[test]
    fn a_file_of_two_encodings_is_refused_with_the_first_line_of_the_second() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tsv");
        let gbk = GBK.encode(SIMPLIFIED).0;
        std::fs::write(&path, [&gbk.repeat(10_000), SIMPLIFIED.as_bytes()].concat()).unwrap();
        let error = open(&path, Invalid::Kept).err().unwrap().to_string();
        let place = format!("line 10001, at byte {}, is UTF-8", 10_000 * gbk.len());
        assert!(error.starts_with("cannot decode `") && error.ends_with(&place), "{error}");
        std::fs::write(&path, gbk.repeat(10)).unwrap();
        let mut text = String::new();
        open(&path, Invalid::Kept).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, SIMPLIFIED.repeat(10));
        std::fs::write(&path, b"\xff\xfe\0\0a\0\0\0").unwrap();
        let error = open(&path, Invalid::Kept).err().unwrap().to_string();
        assert!(error.ends_with("text in UTF-32 is not read"), "{error}");
    }

    #[test]
    fn damage_does_not_make_it_another() {
        let damaged = [SIMPLIFIED.as_bytes(), b"\xe4\xb8\tbroken\n", SIMPLIFIED.as_bytes()].concat();
        assert_eq!(found(&damaged), None);
        assert_eq!(found(b"a NUL\0 in text\n"), None);
    }

    #[test]
    fn what_xml_declares_is_believed_where_it_is_no_utf_8() {
        let text = "<?xml version=\"1.0\" encoding='gb2312'?>\n<seg>中文</seg>\n";
        assert_eq!(found(&GBK.encode(text).0), Some(GBK));
        assert_eq!(found(text.as_bytes()), None);
        assert_eq!(found(&utf_16(&text.replace("gb2312", "utf-16"))), Some(UTF_16LE));
    }
}
