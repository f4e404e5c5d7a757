package awsresource

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"time"
)

// tree turns an SDK structure into JSON values: unset members are left out,
// empty lists stay, times become RFC 3339 in UTC, and integers that JSON
// numbers cannot hold become strings. Nil becomes nil.
func tree(v any) any {
	if v == nil {
		return nil
	}
	t, _ := treeOf(reflect.ValueOf(v))
	return t
}

// treeOf says with its second result whether anything is set. Only exported
// members count; ResultMetadata is the SDK's own.
func treeOf(v reflect.Value) (any, bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil, false
		}
		inner, ok := treeOf(v.Elem())
		if s := v.Elem(); s.Kind() == reflect.String && v.Kind() == reflect.Pointer {
			return s.String(), true // a set string may be empty
		}
		return inner, ok
	case reflect.Struct:
		return treeOfStruct(v)
	case reflect.Slice, reflect.Array:
		return treeOfList(v)
	case reflect.Map:
		return treeOfMap(v)
	}
	return leaf(v)
}

func leaf(v reflect.Value) (any, bool) {
	switch v.Kind() {
	case reflect.String: // an enumeration; unset when empty
		return v.String(), v.Len() > 0
	case reflect.Bool:
		return v.Bool(), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if n := v.Int(); n > 1<<53 || n < -(1<<53) {
			return strconv.FormatInt(n, 10), true
		}
		return float64(v.Int()), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if n := v.Uint(); n > 1<<53 {
			return strconv.FormatUint(n, 10), true
		}
		return float64(v.Uint()), true
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return strconv.FormatFloat(f, 'g', -1, 64), true
		}
		return v.Float(), true
	}
	return nil, false
}

func treeOfStruct(v reflect.Value) (any, bool) {
	switch x := v.Interface().(type) {
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano), true
	case json.Number:
		return x.String(), true
	}
	members := map[string]any{}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() || field.Name == "ResultMetadata" {
			continue
		}
		if member, ok := treeOf(v.Field(i)); ok {
			members[field.Name] = member
		}
	}
	return members, true
}

func treeOfList(v reflect.Value) (any, bool) {
	if v.Kind() == reflect.Slice && v.IsNil() {
		return nil, false
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b := make([]byte, v.Len())
		reflect.Copy(reflect.ValueOf(b), v)
		return base64.StdEncoding.EncodeToString(b), true
	}
	list := make([]any, 0, v.Len())
	for i := range v.Len() {
		list = append(list, element(v.Index(i)))
	}
	return list, true
}

// element keeps its place in a list or map also when it is empty.
func element(v reflect.Value) any {
	if v.Kind() == reflect.String {
		return v.String()
	}
	t, _ := treeOf(v)
	return t
}

func treeOfMap(v reflect.Value) (any, bool) {
	if v.IsNil() {
		return nil, false
	}
	members := map[string]any{}
	for _, key := range v.MapKeys() {
		if key.Kind() == reflect.String {
			members[key.String()] = element(v.MapIndex(key))
		}
	}
	return members, true
}
